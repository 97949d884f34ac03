import type { Contract, ContractMember, ContractType } from './contract.ts';
import { type ExportedMember, type ExportedType, normalizeType } from './exported-types.ts';

/** How the doc comment of a figure says its unit; counts and pixels need no word. */
const unitWords: Record<string, RegExp> = {
  '%': /%/,
  ms: /\bms\b/,
  s: /\bseconds\b/i,
  kbps: /\bkbps\b/,
  Mbps: /\bMbps\b/,
  'frames/s': /\bframes a second\b/i,
  '0..1': /\b0 to 1\b/,
};

type Exports = ReadonlyMap<string, ExportedType>;

/** Every difference between the list and what the project exports, in both directions. */
export function findTypeDrift(contract: Contract, exported: Exports): string[] {
  return [
    ...(contract.complete ? findUnknownExports(contract, exported) : []),
    ...Object.entries(contract.types).flatMap(([name, type]) => {
      const ours = exported.get(name);
      if (!ours) return [`${name} is not exported`];
      return compareType(contract, { name, type }, withNamedParts(contract, exported, name, ours));
    }),
  ];
}

/** Members that the reference requires and that are optional here, as `Type.member`, by reason. */
export function absentHere(contract: Contract): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, { members = {} }] of Object.entries(contract.types)) {
    for (const [path, { absentHere: key }] of Object.entries(members)) {
      if (key === undefined) continue;
      const reason = contract.absentHere[key] ?? `(no reason ${key})`;
      found.set(reason, [...(found.get(reason) ?? []), `${name}.${path}`].toSorted());
    }
  }
  return found;
}

/** Members whose type is another here, as `Type.member`. */
export function narrowedHere(contract: Contract): string[] {
  return Object.entries(contract.types).flatMap(([name, { members = {} }]) =>
    Object.entries(members)
      .filter(([, { here }]) => here !== undefined && contract.namedHere[here] === undefined)
      .map(([path]) => `${name}.${path}`),
  );
}

function findUnknownExports(contract: Contract, exported: Exports): string[] {
  const known = { ...contract.types, ...contract.namedHere, ...contract.otherExports };
  return [...exported.keys()]
    .filter((name) => !Object.hasOwn(known, name))
    .map((name) => `${name} is exported and not in the list`);
}

/** Puts the members of types that have a name of ours where the reference writes them in place. */
function withNamedParts(
  contract: Contract,
  exported: Exports,
  name: string,
  ours: ExportedType,
): ExportedType {
  if (ours.kind !== 'object') return ours;
  const members = new Map(ours.members);
  for (const [part, place] of Object.entries(contract.namedHere)) {
    const type = exported.get(part);
    if (!place.startsWith(`${name}.`) || type?.kind !== 'object') continue;
    const prefix = place.slice(name.length + 1);
    for (const [path, member] of type.members) members.set(`${prefix}.${path}`, member);
  }
  return { kind: 'object', members };
}

function compareType(
  contract: Contract,
  { name, type }: { name: string; type: ContractType },
  ours: ExportedType,
): string[] {
  if (type.members) {
    if (ours.kind !== 'object') return [`${name} is no object type`];
    return compareMembers(contract, name, type.members, ours.members);
  }
  if (type.codes) {
    if (ours.kind !== 'codes') return [`${name} is no table of codes`];
    const listed = Object.entries(type.codes).map(([code, { value }]) => [code, value] as const);
    return compareCodes(name, new Map(listed), ours.codes);
  }
  const parts = type.union ?? (type.values ?? []).map((value) => `'${value}'`);
  if (ours.kind !== 'union') return [`${name} is no union`];
  return compareSets(name, parts, ours.parts);
}

function compareCodes(
  name: string,
  listed: ReadonlyMap<string, number>,
  ours: ReadonlyMap<string, number>,
): string[] {
  const sameNames = compareSets(name, [...listed.keys()], [...ours.keys()]);
  const changed = [...ours].filter(([code, value]) => (listed.get(code) ?? value) !== value);
  return [
    ...sameNames,
    ...changed.map(([code, value]) => `${name}.${code} is ${value}, not ${listed.get(code)}`),
  ];
}

function compareSets(name: string, listed: string[], ours: string[]): string[] {
  return [
    ...listed.filter((one) => !ours.includes(one)).map((one) => `${name} lacks ${one}`),
    ...ours.filter((one) => !listed.includes(one)).map((one) => `${name} has the unknown ${one}`),
  ];
}

function compareMembers(
  contract: Contract,
  name: string,
  listed: Record<string, ContractMember>,
  ours: ReadonlyMap<string, ExportedMember>,
): string[] {
  // What has no type yet is not built: it misses a proof, and that is told there.
  const expected = Object.entries(listed).filter(([, { type, here }]) => type ?? here);
  // What the list gives as one text is compared as one.
  const whole = expected.filter(([, { type }]) => type?.startsWith('{')).map(([path]) => path);
  const isInside = (path: string) => whole.some((one) => path.startsWith(`${one}.`));
  return [
    ...compareSets(
      name,
      expected.map(([path]) => path),
      [...ours.keys()].filter((path) => !isInside(path)),
    ),
    ...expected.flatMap(([path, member]) => {
      const found = ours.get(path);
      return found ? compareMember(contract, `${name}.${path}`, member, found) : [];
    }),
  ];
}

function compareMember(
  contract: Contract,
  name: string,
  listed: ContractMember,
  ours: ExportedMember,
): string[] {
  const drift: string[] = [];
  const type = normalizeType(listed.here ?? listed.type ?? '');
  const isTakenApart = type === 'object' || type === 'Array';
  if (type !== ours.type && !isTakenApart)
    drift.push(`${name} is of type ${ours.type}, not ${type}`);
  if (listed.absentHere !== undefined && contract.absentHere[listed.absentHere] === undefined) {
    drift.push(`${name}: there is no reason ${listed.absentHere}`);
  }
  const optional = listed.optional === true || listed.absentHere !== undefined;
  if (optional !== ours.optional) drift.push(`${name} is ${optional ? 'not ' : ''}optional`);
  const words = unitWords[listed.unit ?? ''];
  if (words && !words.test(ours.comment)) {
    drift.push(`${name}: its comment does not say the unit ${listed.unit}`);
  }
  return drift;
}
