import { describe, expect, it } from 'vitest';
import { Screen } from './screen.ts';

type Picture = { timestamp: number; displayWidth: number; displayHeight: number; close(): void };

function setUp() {
  const shown: string[] = [];
  const closed: string[] = [];
  const names = new Map<Picture, string>();
  const screen = new Screen<Picture>((picture) => shown.push(names.get(picture) ?? ''));
  const show = (connection: number, timestampMs: number) => {
    const name = `${connection}:${timestampMs}`;
    const picture: Picture = {
      timestamp: timestampMs * 1000,
      ...{ displayWidth: 1, displayHeight: 1 },
      close: () => closed.push(name),
    };
    names.set(picture, name);
    return screen.show(connection, picture);
  };
  return { shown, closed, show };
}

describe('Screen', () => {
  it('D14 goes over to the next connection with its first newer picture, and never back', () => {
    const { shown, closed, show } = setUp();
    show(1, 0);
    show(1, 33);
    expect(show(2, 0)).toBe(false);
    expect(show(2, 33)).toBe(false);
    show(1, 66);
    expect(show(2, 100)).toBe(true);
    expect(show(1, 133)).toBe(false);
    show(2, 133);
    expect(shown).toEqual(['1:0', '1:33', '1:66', '2:100', '2:133']);
    expect(closed).toEqual(['2:0', '2:33', '1:133']);
  });

  it('D14 takes pictures of a machine whose clock began anew', () => {
    const { shown, show } = setUp();
    show(1, 3_600_000);
    show(2, 500);
    expect(shown).toEqual(['1:3600000', '2:500']);
  });

  it('D14 shows whatever its only connection brings', () => {
    const { shown, show } = setUp();
    for (const timestampMs of [100, 66, 133]) show(1, timestampMs);
    expect(shown).toEqual(['1:100', '1:66', '1:133']);
  });
});
