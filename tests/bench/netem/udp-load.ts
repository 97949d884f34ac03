import { createSocket, type Socket } from 'node:dgram';

/** Packets of `payloadBytes`, `perBurst` of them each `intervalMs`. */
export type LoadShape = {
  seconds: number;
  payloadBytes: number;
  perBurst: number;
  intervalMs: number;
};

/** What a load saw: packets, and the time from send call to receipt of each, ms. */
export type LoadResult = { sent: number; received: number; delaysMs: number[] };

const localhost = '127.0.0.1';
const socketBufferBytes = 4 * 1024 * 1024;
/** After the last packet was sent: longer than any delay that is measured. */
const settleMs = 500;
/** What a timer missed is made up for, up to so much. */
const maxCatchUpMs = 10;

/** A UDP sender and a receiver that knows when each packet was sent. */
export class UdpLoad {
  readonly #sender: Socket;
  readonly #receiver: Socket;
  #result: LoadResult = { sent: 0, received: 0, delaysMs: [] };

  private constructor(sender: Socket, receiver: Socket) {
    this.#sender = sender;
    this.#receiver = receiver;
    receiver.on('message', (packet) => {
      this.#result.received += 1;
      this.#result.delaysMs.push(performance.now() - packet.readDoubleLE(0));
    });
  }

  /** Opens both sockets. */
  static async open(): Promise<UdpLoad> {
    const [sender, receiver] = await Promise.all([bound(), bound()]);
    return new UdpLoad(sender, receiver);
  }

  /** Where the receiver listens. */
  get port(): number {
    return this.#receiver.address().port;
  }

  /** Sends a load to a port from which it comes to the receiver, and says what came. */
  async run(toPort: number, shape: LoadShape): Promise<LoadResult> {
    this.#result = { sent: 0, received: 0, delaysMs: [] };
    const bursts = Math.floor((shape.seconds * 1000) / shape.intervalMs);
    const startMs = performance.now();
    let burst = 0;
    await new Promise<void>((resolve) => {
      const turn = () => {
        const due = Math.min(bursts, Math.floor((performance.now() - startMs) / shape.intervalMs));
        // A sender that was held up sends less: it must not flood what it measures afterwards.
        burst = Math.max(burst, due - Math.ceil(maxCatchUpMs / shape.intervalMs));
        for (; burst < due; burst++) this.#sendBurst(toPort, shape);
        if (burst >= bursts) resolve();
        else setTimeout(turn, 1);
      };
      turn();
    });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return this.#result;
  }

  /** Closes both sockets. */
  close(): void {
    this.#sender.close();
    this.#receiver.close();
  }

  #sendBurst(toPort: number, { perBurst, payloadBytes }: LoadShape): void {
    for (let i = 0; i < perBurst; i++) {
      const packet = Buffer.alloc(payloadBytes);
      packet.writeDoubleLE(performance.now(), 0);
      this.#sender.send(packet, toPort, localhost);
      this.#result.sent += 1;
    }
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    // Addresses are literal: a resolver would cost more than the packet.
    lookup: (host, _options, done) => done(null, host, 4),
    recvBufferSize: socketBufferBytes,
    sendBufferSize: socketBufferBytes,
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, localhost, () => resolve(socket));
  });
}
