import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Doc comments of one source file, by path of names: `requestSchemas.login.forceLogin`. */
export type DocComments = ReadonlyMap<string, string>;

/** Reads the doc comments of exported constants and, inside them, of object members at any depth. */
export function readDocComments(url: URL): DocComments {
  const source = ts.createSourceFile(
    url.pathname,
    readFileSync(url, 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const comments = new Map<string, string>();
  const visit = (node: ts.Node, path: string): void => {
    const name = nameOf(node, source);
    const inner = name === undefined ? path : path === '' ? name : `${path}.${name}`;
    if (name !== undefined) {
      const comment = commentBefore(node, source);
      if (comment !== undefined && !comments.has(inner)) comments.set(inner, comment);
    }
    node.forEachChild((child) => visit(child, inner));
  };
  source.forEachChild((statement) => {
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const comment = commentBefore(statement, source);
        const name = declaration.name.getText(source);
        if (comment !== undefined) comments.set(name, comment);
        declaration.initializer?.forEachChild((child) => visit(child, name));
      }
    }
  });
  return comments;
}

function nameOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  return ts.isPropertyAssignment(node) ? node.name.getText(source) : undefined;
}

function commentBefore(node: ts.Node, source: ts.SourceFile): string | undefined {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  const last = ranges.at(-1);
  const text = last && source.text.slice(last.pos, last.end);
  if (!text?.startsWith('/**')) return undefined;
  return text
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .filter((line) => line !== '')
    .join(' ');
}
