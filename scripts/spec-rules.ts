import ts from 'typescript';

/** Id of a rule: `1.2`, `L1`, `G12a`. A bare number is none: titles may begin with a count. */
const ruleId = String.raw`(?:[A-Z]{1,2}\d+(?:\.\d+)*[a-z]?|\d+(?:\.\d+)+)`;
const boldRule = new RegExp(String.raw`^\s*(?:[-*]\s+)?\*\*(${ruleId})\.?\*\*\s`);
const plainRule = new RegExp(String.raw`^\s*(?:[-*]\s+)?(${ruleId})\s`);
const titleRules = new RegExp(
  String.raw`^${ruleId}(?:(?:\s*[,+&/]\s*|\s+and\s+|\s+)${ruleId})*(?=[\s:.]|$)`,
);

/** Ids of the rules that a SPEC.md states, in order. Forms: `- **L1** text` and `1.2 text`, bullet optional. */
export function rulesOfSpec(markdown: string): string[] {
  return markdown.split('\n').flatMap((line) => {
    const match = boldRule.exec(line) ?? plainRule.exec(line);
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

/** Ids at the head of a test title: `L1 …`, `L1, L2: …`. Empty for a title without. */
export function rulesOfTitle(title: string): string[] {
  const head = titleRules.exec(title)?.[0];
  return head === undefined ? [] : (head.match(new RegExp(ruleId, 'g')) ?? []);
}

/** Titles of the tests and groups in a test file; of a template, the text before its first expression. */
export function titlesOfTests(text: string): string[] {
  const source = ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.Latest, true);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTestFunction(node.expression)) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
      if (title && ts.isTemplateExpression(title)) titles.push(title.head.text);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return titles;
}

/** `it`, `test`, `describe` and what hangs on them (`it.each(…)`), but nothing skipped or merely planned. */
function isTestFunction(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return ['it', 'test', 'describe'].includes(callee.text);
  if (ts.isCallExpression(callee)) return isTestFunction(callee.expression);
  if (!ts.isPropertyAccessExpression(callee)) return false;
  return !['skip', 'todo'].includes(callee.name.text) && isTestFunction(callee.expression);
}
