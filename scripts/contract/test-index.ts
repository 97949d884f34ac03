import ts from 'typescript';

/** One test as it is written; `text` is its call with title, table and body. */
export type WrittenTest = { title: string; runs: boolean; text: string };

/** The tests of one file, and everything in it that is neither a test nor an import. */
export type TestFile = { tests: WrittenTest[]; shared: string };

type Callee = { kind: 'test' | 'group'; runs: boolean };

/** Reads a test file without running it. Only what surely runs everywhere `runs`: no skip, no condition. */
export function readTestFile(text: string): TestFile {
  const source = ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest, true);
  const file: TestFile = { tests: [], shared: '' };
  const apart: ts.Node[] = source.statements.filter((node) => ts.isImportDeclaration(node));
  const visit = (node: ts.Node, runs: boolean): void => {
    const callee = ts.isCallExpression(node) ? calleeOf(node.expression) : undefined;
    const goesOn = runs && (callee?.runs ?? true) && !isCondition(node);
    if (ts.isCallExpression(node) && callee?.kind === 'test') {
      const written = node.getText(source);
      const isSkippedInside = /\bskip\b/.test(written);
      file.tests.push({ title: titleOf(node), runs: goesOn && !isSkippedInside, text: written });
      apart.push(node);
      return;
    }
    node.forEachChild((child) => visit(child, goesOn));
  };
  visit(source, true);
  file.shared = withoutParts(text, apart);
  return file;
}

function isCondition(node: ts.Node): boolean {
  return ts.isIfStatement(node) || ts.isConditionalExpression(node);
}

/** Text of a title; of a template, its parts with `%s` between them. */
function titleOf(call: ts.CallExpression): string {
  const [title] = call.arguments;
  if (title && ts.isStringLiteralLike(title)) return title.text;
  if (!title || !ts.isTemplateExpression(title)) return '';
  return title.head.text + title.templateSpans.map((span) => `%s${span.literal.text}`).join('');
}

/** `it`, `test`, `describe` and what hangs on them: `it.each(…)`, `describe.skip`. */
function calleeOf(callee: ts.Expression): Callee | undefined {
  if (ts.isIdentifier(callee)) {
    if (['it', 'test'].includes(callee.text)) return { kind: 'test', runs: true };
    return callee.text === 'describe' ? { kind: 'group', runs: true } : undefined;
  }
  if (ts.isCallExpression(callee)) return calleeOf(callee.expression);
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const inner = calleeOf(callee.expression);
  const isCertain = !['skip', 'todo', 'skipIf', 'runIf', 'fails'].includes(callee.name.text);
  return inner && { kind: inner.kind, runs: inner.runs && isCertain };
}

/** `describe` parts hold tests and helpers: the tests alone are cut out. */
function withoutParts(text: string, parts: readonly ts.Node[]): string {
  let rest = '';
  let at = 0;
  for (const part of [...parts].sort((a, b) => a.getStart() - b.getStart())) {
    rest += text.slice(at, part.getStart());
    at = part.getEnd();
  }
  return rest + text.slice(at);
}
