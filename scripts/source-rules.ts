import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';
import { rootFolder } from './run-command.ts';

/** Rooms whose code takes input and `now` and returns outputs. */
const pureRooms = ['kit', 'protocol', 'control', 'rtp', 'telemetry'];
/** Rooms that run in a browser as well. */
const browserRooms = [
  'packages/kit',
  'packages/protocol',
  'packages/telemetry',
  'packages/mqtt-link',
  'packages/sdk',
  'apps/cockpit',
];
/** Of rooms that run in Node besides: the folders and files that run in a browser as well. */
const browserSources = [
  ...['big-endian.ts', 'fec', 'h264-key-frame.ts', 'h264-nal.ts', 'key-frame-requests.ts'],
  ...['playout', 'receive.ts', 'repair', 'rtcp-feedback.ts', 'rtcp-packet.ts', 'rtp-packet.ts'],
  'sequence-number.ts',
].map((name) => `packages/rtp/src/${name}`);
const impureGlobals = new Set([
  ...['performance', 'process', 'crypto', 'console', 'globalThis', 'self', 'window'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame'],
  ...['fetch', 'WebSocket', 'Worker'],
]);
const nodeGlobals = new Set(['process', 'Buffer', '__dirname', 'require']);
/** Past this a file wants a second room. */
const maxLines = 350;
const vagueNames = /^(utils?|helpers?|common|misc)\b/;

/** Every break of the source rules in the project, as `file:line: text`. */
export function findSourceRuleBreaks(): string[] {
  const files = globSync(
    ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'tests/**/*.ts', 'scripts/**/*.ts'],
    {
      cwd: rootFolder,
      exclude: (name) => name.includes('node_modules'),
    },
  );
  return files.flatMap((file) => checkSource(file, readFileSync(`${rootFolder}${file}`, 'utf8')));
}

/** Breaks of the rules in one file; its path (from the root) decides which rules hold. */
export function checkSource(file: string, text: string): string[] {
  const breaks: string[] = [];
  const lines = text.split('\n').length - 1;
  if (lines > maxLines) breaks.push(`${file}: ${lines} lines, more than ${maxLines}`);
  if (vagueNames.test(basename(file))) breaks.push(`${file}: a name that says nothing`);
  if (file.endsWith('.test.ts') || file.includes('/testing/')) return breaks;
  const pure = pureRooms.some((room) => file.startsWith(`packages/${room}/src/`));
  const browser = [...browserRooms.map((room) => `${room}/src/`), ...browserSources].some((path) =>
    file.startsWith(path),
  );
  if (pure) breaks.push(...findGlobals(file, text, impureGlobals, 'a pure room uses'));
  if (pure) breaks.push(...findHiddenInput(file, text));
  if (browser) breaks.push(...findGlobals(file, text, nodeGlobals, 'browser code uses'));
  return breaks;
}

function findGlobals(file: string, text: string, names: Set<string>, complaint: string): string[] {
  return walk(file, text, (node) =>
    ts.isIdentifier(node) && names.has(node.text) && isReference(node)
      ? `${complaint} ${node.text}`
      : undefined,
  );
}

/** `Date.now()`, `new Date()` without a time, `Math.random()`: input that no test can give. */
function findHiddenInput(file: string, text: string): string[] {
  return walk(file, text, (node) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const access = `${node.expression.text}.${node.name.text}`;
      if (access === 'Date.now' || access === 'Math.random') return `a pure room uses ${access}`;
    }
    if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return undefined;
    const isDate = ts.isIdentifier(node.expression) && node.expression.text === 'Date';
    return isDate && !node.arguments?.length ? 'a pure room asks Date for the time' : undefined;
  });
}

/** Whether an identifier refers to a variable: no member name, no key, no declaration, no type. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isQualifiedName(parent) || ts.isTypeNode(parent)) return false;
  const named = parent as ts.Node & { name?: ts.Node; propertyName?: ts.Node };
  return (
    (named.name !== node && named.propertyName !== node) || ts.isShorthandPropertyAssignment(parent)
  );
}

function walk(file: string, text: string, visit: (node: ts.Node) => string | undefined): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const step = (node: ts.Node): void => {
    const complaint = visit(node);
    if (complaint !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push(`${file}:${line}: ${complaint}`);
    }
    node.forEachChild(step);
  };
  step(source);
  return found;
}
