import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { rootFolder } from '../run-command.ts';

const memberSchema = z.strictObject({
  /** Type in the reference, or our own signature; absent while there is none yet. */
  type: z.string().optional(),
  /** Our type where it is another on purpose. */
  here: z.string().optional(),
  unit: z.enum(['count', 'px', '%', 'ms', 's', 'kbps', 'Mbps', 'frames/s', '0..1']).optional(),
  /** Over what time a figure is taken. */
  of: z.enum(['now', 'period', 'life', 'last 10 s', 'each 2 s']).optional(),
  optional: z.boolean().optional(),
  /** Required in the reference, optional here: key of the reason. */
  absentHere: z.string().optional(),
  /** The reference has no such member. */
  ours: z.boolean().optional(),
  /** What a text may be. */
  values: z.array(z.string()).optional(),
  later: z.string().optional(),
});

const codeSchema = z.strictObject({
  value: z.int(),
  meaning: z.string().optional(),
  later: z.string().optional(),
});

const typeSchema = z.strictObject({
  meaning: z.string(),
  /** What a text may be. */
  values: z.array(z.string()).optional(),
  /** Names of the types that are put together. */
  union: z.array(z.string()).optional(),
  codes: z.record(z.string(), codeSchema).optional(),
  members: z.record(z.string(), memberSchema).optional(),
});

const contractSchema = z.strictObject({
  about: z.string(),
  /** Files whose exports are meant. */
  modules: z.array(z.string()),
  /** Whether the modules export nothing else. */
  complete: z.boolean(),
  /** Where differences are explained. */
  page: z.string(),
  /** Reasons of `absentHere`. */
  absentHere: z.record(z.string(), z.string()),
  /** What is waited for. */
  later: z.record(z.string(), z.string()),
  /** Names of ours for types that the reference writes in place. */
  namedHere: z.record(z.string(), z.string()),
  otherExports: z.record(z.string(), z.string()),
  types: z.record(z.string(), typeSchema),
});

/** One list of names, types and units, as tests/contract has it. */
export type Contract = z.infer<typeof contractSchema>;
/** One type of it. */
export type ContractType = z.infer<typeof typeSchema>;
/** One member of a type. */
export type ContractMember = z.infer<typeof memberSchema>;

/** One name that needs a proof. */
export type Entry = {
  /** `Type.member`, `Type.value`. */
  name: string;
  group: string;
  /** As a test would write it: `bitrate`, `'scheduling'`, `StreamNotFound`. */
  word: string;
  type: string;
  unit: string;
  /** What it waits for; such a name is not missing. */
  later: string | undefined;
};

/** The lists of the project: the reference's types, and the client with its observer. */
export const contractFiles = ['tests/contract/web-sdk.json', 'tests/contract/client.json'] as const;

/** Reads and checks one list; throws when it is malformed. */
export function readContract(path: string): Contract {
  return contractSchema.parse(JSON.parse(readFileSync(`${rootFolder}${path}`, 'utf8')));
}

/** Every name of a list that needs a proof of its own: what is put together from others needs none. */
export function entriesOf(contract: Contract): Entry[] {
  return Object.entries(contract.types).flatMap(([group, type]) => {
    const entry = { group, unit: '', later: undefined };
    return [
      ...(type.values ?? []).map((value) => valueEntry(group, group, value)),
      ...Object.entries(type.codes ?? {}).map(([code, { value, later }]) => ({
        ...entry,
        ...{ name: `${group}.${code}`, word: code, type: String(value) },
        later: reasonOf(contract, later),
      })),
      ...Object.entries(type.members ?? {}).flatMap(([path, member]) =>
        isPutTogether(path, type) ? [] : entriesOfMember(contract, group, path, member),
      ),
    ];
  });
}

function isPutTogether(path: string, { members = {} }: ContractType): boolean {
  return Object.keys(members).some(
    (other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`),
  );
}

function entriesOfMember(
  contract: Contract,
  group: string,
  path: string,
  member: ContractMember,
): Entry[] {
  const name = `${group}.${path}`;
  if (member.values) return member.values.map((value) => valueEntry(group, name, value));
  const type = member.here ?? member.type ?? '';
  const unit = [member.unit, member.of].filter((part) => part !== undefined).join(', ');
  const word = /^'\w+'$/.test(type) ? type : (path.split('.').at(-1) ?? path);
  return [{ name, group, word, type, unit, later: reasonOf(contract, member.later) }];
}

function valueEntry(group: string, owner: string, value: string): Entry {
  const name = `${owner}.${value}`;
  return { name, group, word: `'${value}'`, type: `'${value}'`, unit: '', later: undefined };
}

function reasonOf(contract: Contract, key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  const reason = contract.later[key];
  if (reason === undefined) throw new Error(`no reason is given for ${key}`);
  return reason;
}
