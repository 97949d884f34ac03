import type { Yuv } from './raster.ts';
import type { View } from './view.ts';

/** A box on the ground; `turn` is the direction of its length. Metres, radians. */
type BoxShape = {
  x: number;
  y: number;
  turn: number;
  length: number;
  width: number;
  height: number;
};

/** One upright side of a box on which rectangles are drawn; one instance serves all boxes in turn. */
export class BoxFace {
  /** 0 to 3, against the clock from the one that looks along the box. */
  side = 0;
  lengthM = 0;
  #x = 0;
  #y = 0;
  /** From its first lower corner to its second. */
  #dx = 0;
  #dy = 0;
  #cos = 1;
  #sin = 0;
  /** The camera's place in the box's own axes. */
  #along = 0;
  #across = 0;

  /** Turns to another box, seen from a place on the ground; `place` must follow. */
  begin(box: BoxShape, fromX: number, fromY: number): void {
    this.#cos = Math.cos(box.turn);
    this.#sin = Math.sin(box.turn);
    const dx = fromX - box.x;
    const dy = fromY - box.y;
    this.#along = dx * this.#cos + dy * this.#sin;
    this.#across = dy * this.#cos - dx * this.#sin;
  }

  /** Moves to one side of the box; false when that looks away from the camera. */
  place(box: BoxShape, side: number): boolean {
    const isEnd = (side & 1) === 0;
    const sign = side < 2 ? 1 : -1;
    const l = (box.length / 2) * sign;
    const w = (box.width / 2) * sign;
    if (isEnd ? this.#along * sign <= box.length / 2 : this.#across * sign <= box.width / 2) {
      return false;
    }
    const c = this.#cos;
    const s = this.#sin;
    const across = isEnd ? -w : w;
    this.side = side;
    this.lengthM = isEnd ? box.width : box.length;
    this.#x = box.x + l * c - across * s;
    this.#y = box.y + l * s + across * c;
    this.#dx = isEnd ? -2 * w * s : -2 * l * c;
    this.#dy = isEnd ? 2 * w * c : -2 * l * s;
    return true;
  }

  /** Fills a rectangle: from and to as shares of its length, bottom and top in m. */
  fill(view: View, from: number, to: number, bottomM: number, topM: number, color: Yuv): void {
    const ax = this.#x + this.#dx * from;
    const ay = this.#y + this.#dy * from;
    const bx = this.#x + this.#dx * to;
    const by = this.#y + this.#dy * to;
    view.begin();
    view.corner(ax, ay, bottomM);
    view.corner(bx, by, bottomM);
    view.corner(bx, by, topM);
    view.corner(ax, ay, topM);
    view.fill(color);
  }

  /** Fills the top of the box. */
  fillTop(view: View, box: BoxShape, color: Yuv): void {
    const lc = (box.length / 2) * this.#cos;
    const ls = (box.length / 2) * this.#sin;
    const wc = (box.width / 2) * this.#cos;
    const ws = (box.width / 2) * this.#sin;
    view.begin();
    view.corner(box.x + lc - ws, box.y + ls + wc, box.height);
    view.corner(box.x - lc - ws, box.y - ls + wc, box.height);
    view.corner(box.x - lc + ws, box.y - ls - wc, box.height);
    view.corner(box.x + lc + ws, box.y + ls - wc, box.height);
    view.fill(color);
  }
}
