/** A moving test picture of one camera, painted on a canvas; test-only. */
export class FakeCamera {
  readonly canvas: HTMLCanvasElement;
  readonly #name: string;
  #frame = 0;

  constructor(name: string, width: number, height: number) {
    this.canvas = document.createElement('canvas');
    this.canvas.width = width;
    this.canvas.height = height;
    this.#name = name;
  }

  /** The picture as a stream at `fps`. */
  stream(fps: number): MediaStream {
    return this.canvas.captureStream(fps);
  }

  /** Paints the next frame: a road to the horizon, marks that move with the way, name and frame counter. */
  paint(wayM: number, headingRad: number): void {
    const pen = this.canvas.getContext('2d');
    if (!pen) return;
    const { width, height } = this.canvas;
    const horizon = height * 0.42;
    const bend = Math.sin(headingRad) * width * 0.3;
    pen.fillStyle = '#0d1a2b';
    pen.fillRect(0, 0, width, horizon);
    pen.fillStyle = '#2b3326';
    pen.fillRect(0, horizon, width, height - horizon);
    fillShape(pen, '#3a3d42', [
      [width * 0.48 - bend, horizon],
      [width * 0.52 - bend, horizon],
      [width * 1.05, height],
      [-width * 0.05, height],
    ]);
    for (let mark = 0; mark < 12; mark++) {
      const distanceM = mark * 6 + 2 - (((wayM % 6) + 6) % 6);
      if (distanceM < 0.5) continue;
      const depth = 2 / (2 + distanceM);
      const y = horizon + (height - horizon) * depth;
      const x = width / 2 - bend * (1 - depth);
      pen.fillStyle = '#e8e2c8';
      pen.fillRect(x - 16 * depth, y, 32 * depth, 46 * depth);
    }
    pen.fillStyle = '#c9d4df';
    pen.font = `${Math.round(height / 16)}px monospace`;
    pen.fillText(`${this.#name} ${this.#frame++}`, width * 0.35, height * 0.2);
  }
}

function fillShape(
  pen: CanvasRenderingContext2D,
  colour: string,
  [first, ...rest]: [number, number][],
): void {
  if (!first) return;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(...first);
  for (const point of rest) pen.lineTo(...point);
  pen.fill();
}
