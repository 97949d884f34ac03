import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a TCP port of this computer that can be held up and broken. */
export type TcpPath = {
  readonly port: number;
  /** From now on nothing gets through in either direction, and nobody is told. */
  cut(): void;
  /** Lets everything pass again, what was held up first. */
  restore(): void;
  /** Breaks every connection, as a restarting router does. */
  drop(): void;
  close(): Promise<void>;
};

/** Puts a path in front of a port, which is asked for at each new connection. */
export async function createTcpPath(toPort: () => number): Promise<TcpPath> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (isCut) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(toPort(), '127.0.0.1');
    keep(near);
    keep(far);
    forward(near, far);
    forward(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const setCut = (cut: boolean) => {
    isCut = cut;
    for (const socket of sockets) cut ? socket.pause() : socket.resume();
  };
  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => setCut(true),
    restore: () => setCut(false),
    drop,
    close: async () => {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Not `pipe`: that one would let a paused side run on when the other one drains. */
function forward(from: Socket, to: Socket): void {
  from.on('data', (chunk) => to.write(chunk));
  from.on('end', () => to.end());
  from.on('close', () => to.destroy());
}
