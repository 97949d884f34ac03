import type { StreamSample } from '../input.ts';

type Tree = { [key: string]: unknown };

/** Paths of all figures of a sample, e.g. `machine.camera.capturedFps`. */
export function figurePaths(sample: StreamSample): string[] {
  return ['machine', 'server', 'browser'].flatMap((side) =>
    pathsOf((sample as Tree)[side], `${side}`),
  );
}

/** The sample with one figure changed; undefined takes it away. */
export function withFigure(sample: StreamSample, path: string, value: unknown): StreamSample {
  return replaced(sample as Tree, path.split('.'), value) as StreamSample;
}

/** Samples from `from` to before `until`, with figures changed; undefined takes one away. */
export function altered(
  samples: readonly StreamSample[],
  figures: Readonly<Record<string, unknown>>,
  from = 0,
  until = samples.length,
): StreamSample[] {
  return samples.map((sample, slot) =>
    slot < from || slot >= until
      ? sample
      : Object.entries(figures).reduce(
          (changed, [path, value]) => withFigure(changed, path, value),
          sample,
        ),
  );
}

/** The sample without the figures that `isGone` chooses. */
export function withoutFigures(
  sample: StreamSample,
  isGone: (path: string) => boolean,
): StreamSample {
  return figurePaths(sample).reduce<StreamSample>(
    (left, path) => (isGone(path) ? withFigure(left, path, undefined) : left),
    sample,
  );
}

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value === undefined ? [] : [path];
  }
  return Object.entries(value).flatMap(([key, member]) => pathsOf(member, `${path}.${key}`));
}

function replaced(tree: Tree, [key, ...rest]: string[], value: unknown): Tree {
  if (key === undefined) return tree;
  if (rest.length > 0) {
    return { ...tree, [key]: replaced((tree[key] ?? {}) as Tree, rest, value) };
  }
  const { [key]: _gone, ...others } = tree;
  return value === undefined ? others : { ...others, [key]: value };
}
