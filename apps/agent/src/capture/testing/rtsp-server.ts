import { createServer, type Server, type Socket } from 'node:net';
import { H264Encoder } from '../../encode/h264-encoder.ts';
import { allocatePicture, planesOf } from '../picture-frame.ts';

const fps = 30;
const startCode = Buffer.from([0, 0, 1]);

/** A camera for tests: RTSP (RFC 2326) with RTP interleaved on the TCP connection, H.264 (RFC 6184, single units). */
export class RtspServer {
  readonly #server: Server;
  readonly #encoder: H264Encoder;
  readonly #sockets = new Set<Socket>();
  readonly #playing = new Set<Socket>();
  readonly #frame;
  readonly #timer: NodeJS.Timeout;
  #parameterSets: Buffer[] = [];
  #sequence = 0;
  #count = 0;
  /** Requests seen so far, by their method. */
  readonly methods: string[] = [];

  private constructor(server: Server, encoder: H264Encoder, width: number, height: number) {
    this.#server = server;
    this.#encoder = encoder;
    this.#frame = allocatePicture(width, height);
    server.on('connection', (socket) => this.#handleConnection(socket));
    this.#takePicture();
    this.#timer = setInterval(() => this.#takePicture(), 1000 / fps);
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(width: number, height: number): Promise<RtspServer> {
    const encoder = await H264Encoder.open({ width, height, fps, bitrateBps: 500_000 });
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new RtspServer(server, encoder, width, height);
  }

  get url(): string {
    return `rtsp://127.0.0.1:${(this.#server.address() as { port: number }).port}/camera`;
  }

  /** Breaks all present connections. */
  dropClients(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
    this.dropClients();
    this.#encoder.close();
  }

  #handleConnection(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        this.#answer(socket, text.slice(text.search(/[A-Z]+ rtsp:/), end));
        text = text.slice(end + 4);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#playing.delete(socket);
    });
  }

  #answer(socket: Socket, request: string): void {
    const method = request.split(' ')[0] ?? '';
    const cseq = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0';
    this.methods.push(method);
    const body = method === 'DESCRIBE' ? this.#sdp() : '';
    const headers = [`RTSP/1.0 200 OK`, `CSeq: ${cseq}`, 'Session: 1'];
    if (method === 'OPTIONS') headers.push('Public: DESCRIBE, SETUP, PLAY, TEARDOWN');
    if (method === 'SETUP') headers.push('Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
    if (body) headers.push('Content-Type: application/sdp', `Content-Length: ${body.length}`);
    socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
    if (method !== 'PLAY') return;
    this.#playing.add(socket);
    this.#encoder.requestKeyFrame();
  }

  #sdp(): string {
    const sets = this.#parameterSets.map((unit) => unit.toString('base64')).join(',');
    return [
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=camera',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sets}`,
      'a=control:track1',
      '',
    ].join('\r\n');
  }

  #takePicture(): void {
    const { y } = planesOf(this.#frame);
    y.fill(30 + ((this.#count * 23) % 180));
    const { data } = this.#encoder.encode(this.#frame);
    const units = unitsOf(data);
    const sets = units.filter((unit) => [7, 8].includes((unit[0] ?? 0) & 0x1f));
    if (sets.length > 0) this.#parameterSets = sets;
    // Parameter sets are told in the SDP only: a forwarder has to put them back.
    const sent = units.filter((unit) => [1, 5].includes((unit[0] ?? 0) & 0x1f));
    for (const unit of sent) this.#send(unit, unit === sent.at(-1));
    this.#count++;
  }

  #send(unit: Buffer, isLast: boolean): void {
    const header = Buffer.alloc(16);
    header[0] = 0x24;
    header.writeUInt16BE(12 + unit.length, 2);
    header[4] = 0x80;
    header[5] = 96 | (isLast ? 0x80 : 0);
    header.writeUInt16BE(this.#sequence++ & 0xffff, 6);
    header.writeUInt32BE((this.#count * 90_000) / fps, 8);
    header.writeUInt32BE(0x1234, 12);
    for (const socket of this.#playing) socket.write(Buffer.concat([header, unit]));
  }
}

function unitsOf(data: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = data.indexOf(startCode); at >= 0; at = data.indexOf(startCode, at + 3)) {
    starts.push(at + 3);
  }
  return starts.map((start, i) => {
    const next = starts[i + 1];
    let end = next === undefined ? data.length : next - 3;
    while (end > start && data[end - 1] === 0) end--;
    return data.subarray(start, end);
  });
}
