import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { rootFolder } from '../run-command.ts';

/** One member of an exported object type. */
export type ExportedMember = { type: string; optional: boolean; comment: string };

/** What a module exports under one name, as far as it is written there. */
export type ExportedType =
  | { kind: 'union'; parts: string[] }
  | { kind: 'object'; members: Map<string, ExportedMember> }
  | { kind: 'codes'; codes: Map<string, number> }
  | { kind: 'other' };

/** Type texts that differ only in how they are written become the same. */
export function normalizeType(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([^\w$' ]) ?/g, '$1')
    .replaceAll(/[,;]([)}>])/g, '$1')
    .replace(/^\|/, '')
    .replaceAll(/\bArray<([\w.]+)>/g, '$1[]')
    .trim();
}

/** Everything that these files of the project export. */
export function exportsOfContract(modules: readonly string[]): Map<string, ExportedType> {
  return new Map(modules.flatMap((path) => [...exportsOfFile(path)]));
}

/** Names and types that a file of the project exports, what it passes on from others included. */
export function exportsOfFile(path: string): Map<string, ExportedType> {
  const text = readFileSync(join(rootFolder, path), 'utf8');
  return exportsOfText(text, (specifier) => {
    const target = resolve(path, specifier);
    return target === undefined ? new Map() : exportsOfFile(target);
  });
}

/** The same of a text; `load` gives the exports of another module. */
export function exportsOfText(
  text: string,
  load: (specifier: string) => Map<string, ExportedType> = () => new Map(),
): Map<string, ExportedType> {
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, ExportedType>();
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) addPassedOn(statement, load, found);
    else if (isExported(statement)) addDeclared(statement, found);
  }
  return found;
}

function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  const room = /^@longreach\/(\w[\w-]*)$/.exec(specifier)?.[1];
  const index = `packages/${room}/src/index.ts`;
  return room !== undefined && existsSync(join(rootFolder, index)) ? index : undefined;
}

function addPassedOn(
  statement: ts.ExportDeclaration,
  load: (specifier: string) => Map<string, ExportedType>,
  found: Map<string, ExportedType>,
): void {
  const { moduleSpecifier, exportClause } = statement;
  const other =
    moduleSpecifier && ts.isStringLiteral(moduleSpecifier)
      ? load(moduleSpecifier.text)
      : new Map<string, ExportedType>();
  if (!exportClause) for (const [name, type] of other) found.set(name, type);
  else if (ts.isNamedExports(exportClause)) {
    for (const { name, propertyName } of exportClause.elements) {
      found.set(name.text, other.get((propertyName ?? name).text) ?? { kind: 'other' });
    }
  }
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function addDeclared(statement: ts.Statement, found: Map<string, ExportedType>): void {
  if (ts.isTypeAliasDeclaration(statement)) {
    // A type of the numbers of a table has the table's name.
    if (found.get(statement.name.text)?.kind === 'codes') return;
    found.set(statement.name.text, typeOf(statement.type));
  } else if (ts.isVariableStatement(statement)) {
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name)) found.set(name.text, tableOf(initializer));
    }
  } else if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) {
    if (statement.name) found.set(statement.name.text, { kind: 'other' });
  }
}

function typeOf(type: ts.TypeNode): ExportedType {
  if (ts.isTypeLiteralNode(type)) return { kind: 'object', members: membersOf(type) };
  if (ts.isUnionTypeNode(type)) {
    return { kind: 'union', parts: type.types.map((part) => normalizeType(part.getText())) };
  }
  return { kind: 'other' };
}

function tableOf(initializer: ts.Expression | undefined): ExportedType {
  if (!initializer || !ts.isAsExpression(initializer)) return { kind: 'other' };
  const table = initializer.expression;
  if (!ts.isObjectLiteralExpression(table)) return { kind: 'other' };
  const codes = new Map<string, number>();
  for (const property of table.properties) {
    if (!ts.isPropertyAssignment(property)) continue;
    codes.set(property.name.getText(), Number(property.initializer.getText()));
  }
  return { kind: 'codes', codes };
}

function membersOf(type: ts.TypeLiteralNode, prefix = ''): Map<string, ExportedMember> {
  const members = new Map<string, ExportedMember>();
  for (const member of type.members) {
    if (!member.name) continue;
    const path = prefix + member.name.getText();
    members.set(path, {
      type: typeTextOf(member),
      optional: member.questionToken !== undefined,
      comment: commentOf(member),
    });
    for (const entry of membersInPlace(member, path)) members.set(...entry);
  }
  return members;
}

/** Members of an object type, or of the items of a list, that a member has in place of a name. */
function membersInPlace(member: ts.TypeElement, path: string): Map<string, ExportedMember> {
  const type = ts.isPropertySignature(member) ? member.type : undefined;
  if (type && ts.isTypeLiteralNode(type)) return membersOf(type, `${path}.`);
  const item = type && itemOf(type);
  return item && ts.isTypeLiteralNode(item) ? membersOf(item, `${path}[].`) : new Map();
}

/** Type of a member, or signature of a method. */
function typeTextOf(member: ts.TypeElement): string {
  if (ts.isPropertySignature(member)) return normalizeType(member.type?.getText() ?? '');
  const start = (member.questionToken ?? member.name)?.getEnd() ?? member.getStart();
  const text = member.getSourceFile().text.slice(start, member.getEnd());
  return normalizeType(text.replace(/;$/, ''));
}

function itemOf(type: ts.TypeNode): ts.TypeNode | undefined {
  if (ts.isArrayTypeNode(type)) return type.elementType;
  if (!ts.isTypeReferenceNode(type) || type.typeName.getText() !== 'Array') return undefined;
  return type.typeArguments?.[0];
}

function commentOf(member: ts.TypeElement): string {
  const text = member.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, member.getFullStart()) ?? [];
  return ranges.map(({ pos, end }) => text.slice(pos, end)).join('\n');
}
