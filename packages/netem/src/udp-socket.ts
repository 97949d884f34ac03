import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** An IP address (no host name) and a UDP port. */
export type Endpoint = { address: string; port: number };

/** Bytes that may wait in a socket; past it packets are dropped, as a full queue on a path does. */
const maxQueuedBytes = 4 * 1024 * 1024;

/** Whether a socket takes another packet. */
export function hasRoom(socket: Socket): boolean {
  return socket.getSendQueueSize() < maxQueuedBytes;
}

/** A socket of the address's family. */
export function createUdpSocket(address: string): Socket {
  const family = isIPv6(address) ? 6 : 4;
  return createSocket({
    type: `udp${family}`,
    // Addresses are literal: answering at once keeps a packet from waiting for a resolver.
    lookup: (host, _options, done) => done(null, host, family),
    recvBufferSize: maxQueuedBytes,
  });
}

/** Binds a socket; rejects when the address or port cannot be had. */
export function bindSocket(socket: Socket, { address, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
