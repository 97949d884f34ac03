import { describe, expect, it } from 'vitest';
import { createCourse } from './course.ts';
import type { Planes } from './raster.ts';
import { Raster } from './raster.ts';
import { Renderer } from './renderer.ts';
import { cameraMounts } from './view.ts';

function planes(width: number, height: number): Planes {
  return {
    y: new Uint8Array(width * height),
    u: new Uint8Array((width * height) / 4),
    v: new Uint8Array((width * height) / 4),
    strideY: width,
    strideC: width / 2,
    width,
    height,
  };
}

function differing(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (Math.abs((a[i] ?? 0) - (b[i] ?? 0)) > 8) count++;
  return count / a.length;
}

const course = createCourse();
const atStart = {
  xM: course.start.x,
  yM: course.start.y,
  headingRad: course.start.turn,
  speedMps: 0,
  steering: 0,
  frame: 1,
};

describe('Renderer', () => {
  it('shows another picture when the vehicle moves or turns, the same one when it does not', () => {
    for (const mount of cameraMounts) {
      const target = planes(640, 360);
      const renderer = new Renderer(mount, course, target);
      renderer.draw(atStart);
      const before = target.y.slice();
      renderer.draw(atStart);
      expect(differing(target.y, before)).toBe(0);
      renderer.draw({ ...atStart, xM: atStart.xM + 1.5 });
      expect(differing(target.y, before)).toBeGreaterThan(0.005);
      renderer.draw({ ...atStart, headingRad: atStart.headingRad + 0.3 });
      expect(differing(target.y, before)).toBeGreaterThan(0.05);
    }
  });

  it('shows the frame counter', () => {
    const target = planes(640, 360);
    const renderer = new Renderer(cameraMounts[0] ?? fail(), course, target);
    renderer.draw(atStart);
    const before = target.y.slice();
    renderer.draw({ ...atStart, frame: 2 });
    const changed = differing(target.y, before);
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThan(0.002);
  });

  it('keeps to limited range, and the sky is lighter at the horizon than above', () => {
    const target = planes(640, 360);
    new Renderer(cameraMounts[0] ?? fail(), course, target).draw(atStart);
    expect(target.y.every((value) => value >= 16 && value <= 236)).toBe(true);
    const luma = (x: number, y: number) => target.y[y * 640 + x] ?? 0;
    expect(luma(330, 105)).toBeGreaterThan(luma(330, 5) + 20);
  });

  it('draws anywhere on the site without leaving the planes', () => {
    const target = planes(320, 180);
    const guard = target.y.length;
    for (const mount of cameraMounts) {
      const renderer = new Renderer(mount, course, target);
      for (let i = 0; i < 60; i++) {
        const xM = -70 + ((i * 37) % 165);
        const yM = -30 + ((i * 53) % 110);
        renderer.draw({ ...atStart, xM, yM, headingRad: i * 0.7, steering: 1 });
      }
    }
    expect(target.y.length).toBe(guard);
  });
});

describe('Raster', () => {
  it('fills the middle of a polygon, blends its edge by coverage and leaves the rest', () => {
    const target = planes(32, 16);
    const raster = new Raster(target);
    const xs = Float64Array.from([4.5, 20.25, 20.25, 4.5]);
    const ys = Float64Array.from([4, 4, 12, 12]);
    raster.fillPolygon(xs, ys, 4, [200, 60, 190]);
    const luma = (x: number, y: number) => target.y[y * 32 + x];
    expect(luma(10, 8)).toBe(200);
    expect(luma(4, 8)).toBe(100);
    expect(luma(20, 8)).toBe(50);
    expect(luma(3, 8)).toBe(0);
    expect(luma(10, 3)).toBe(0);
    expect(luma(10, 12)).toBe(0);
    expect([target.u[4 * 16 + 6], target.v[4 * 16 + 6]]).toEqual([60, 190]);
  });

  it('clips what lies outside', () => {
    const target = planes(32, 16);
    const raster = new Raster(target);
    const xs = Float64Array.from([-1e6, 1e6, 1e6, -1e6]);
    const ys = Float64Array.from([-1e6, -1e6, 1e6, 1e6]);
    raster.fillPolygon(xs, ys, 4, [99, 1, 2]);
    expect(target.y.every((value) => value === 99)).toBe(true);
    raster.fillPolygon(
      xs.map((x) => x + 1e7),
      ys,
      4,
      [7, 7, 7],
    );
    expect(target.y.every((value) => value === 99)).toBe(true);
  });
});

function fail(): never {
  throw new Error('missing');
}
