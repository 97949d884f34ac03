import { z } from 'zod';
import {
  gatewayCaptureStatsSchema,
  gatewayEncodeStatsSchema,
  gatewayEncodingStatsSchema,
  gatewayMachineStatsSchema,
  gatewayPathEndSchema,
  gatewayPathStatsSchema,
  gatewayProcessStatsSchema,
  gatewaySchema,
  gatewaySendStatsSchema,
  gatewaySentBytesSchema,
  gatewayStatsSchema,
  gatewayStreamStatsSchema,
  leaseSchema,
  slotSchema,
  streamInfoSchema,
} from '../../packages/protocol/src/index.ts';
import type { DocComments } from './doc-comments.ts';

type JsonSchema = {
  $ref?: string;
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  default?: unknown;
} & Partial<Record<BoundName, number>>;
type BoundName = 'minimum' | 'maximum' | 'minLength' | 'maxLength' | 'minItems' | 'maxItems';

/** Schemas by the name that readers know them by, and where their comments stand. */
type NamedSchemas = Record<string, { schema: z.ZodType; comments: string }>;

/** Objects that several messages carry: they get a table of their own and are named elsewhere. */
export const sharedSchemas: NamedSchemas = {
  StreamInfo: { schema: streamInfoSchema, comments: 'streamInfoSchema' },
  Slot: { schema: slotSchema, comments: 'slotSchema' },
  Lease: { schema: leaseSchema, comments: 'leaseSchema' },
  Gateway: { schema: gatewaySchema, comments: 'gatewaySchema' },
};

/** The parts of a machine's report on itself, outermost first; they have a page of their own. */
export const gatewayStatsSchemas: NamedSchemas = {
  GatewayStats: { schema: gatewayStatsSchema, comments: 'gatewayStatsSchema' },
  Stream: { schema: gatewayStreamStatsSchema, comments: 'gatewayStreamStatsSchema' },
  Capture: { schema: gatewayCaptureStatsSchema, comments: 'gatewayCaptureStatsSchema' },
  EncodingOfAStream: {
    schema: gatewayEncodingStatsSchema,
    comments: 'gatewayEncodingStatsSchema',
  },
  Encode: { schema: gatewayEncodeStatsSchema, comments: 'gatewayEncodeStatsSchema' },
  Send: { schema: gatewaySendStatsSchema, comments: 'gatewaySendStatsSchema' },
  Path: { schema: gatewayPathStatsSchema, comments: 'gatewayPathStatsSchema' },
  PathEnd: { schema: gatewayPathEndSchema, comments: 'gatewayPathEndSchema' },
  SentBytes: { schema: gatewaySentBytesSchema, comments: 'gatewaySentBytesSchema' },
  Machine: { schema: gatewayMachineStatsSchema, comments: 'gatewayMachineStatsSchema' },
  Process: { schema: gatewayProcessStatsSchema, comments: 'gatewayProcessStatsSchema' },
};

/** Where a named object has its table, when that is not the page that names it. */
const pageOf: Record<string, string> = { GatewayStats: 'gateway-stats.md' };

const sharedIds = z.registry<{ id: string }>();
for (const [id, { schema }] of Object.entries({ ...sharedSchemas, ...gatewayStatsSchemas })) {
  sharedIds.add(schema, { id });
}

/** Markdown table of an object schema's fields; a sentence for an empty one. `path` finds the comments. */
export function renderFields(schema: z.ZodType, comments: DocComments, path: string): string {
  const json = z.toJSONSchema(schema, { io: 'input', metadata: sharedIds }) as JsonSchema & {
    $defs?: Record<string, JsonSchema>;
  };
  const own = json.$ref === undefined ? json : json.$defs?.[json.$ref.replace('#/$defs/', '')];
  const fields = Object.entries(own?.properties ?? {});
  if (fields.length === 0) return 'An empty object.';
  const required = new Set(own?.required);
  const rows = fields.map(([name, field]) => {
    const presence = required.has(name)
      ? 'yes'
      : field.default === undefined
        ? 'no'
        : `no (${JSON.stringify(field.default)})`;
    const text = comments.get(`${path}.${name}`) ?? '';
    return `| \`${name}\` | ${describeType(field)} | ${presence} | ${describeBounds(field)} | ${text} |`;
  });
  return [
    '| field | type | required | bounds | |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function describeType(field: JsonSchema): string {
  if (field.$ref !== undefined) {
    const name = field.$ref.split('/').at(-1) ?? '';
    return `[${name}](${pageOf[name] ?? `#${name.toLowerCase()}`})`;
  }
  if (field.anyOf) return field.anyOf.map(describeType).join(' or ');
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum) return field.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (field.type === 'array') return `array of ${field.items ? describeType(field.items) : 'any'}`;
  return field.type ?? 'any JSON';
}

function describeBounds(field: JsonSchema): string {
  const inner = field.anyOf?.find((option) => option.type !== 'null');
  if (inner) return describeBounds(inner);
  const parts: string[] = [];
  const range = (low: number | undefined, high: number | undefined, unit: string): void => {
    // Zod writes the safe integers for a plain integer: no bound that a reader needs.
    const min = low === Number.MIN_SAFE_INTEGER ? undefined : low;
    const max = high === Number.MAX_SAFE_INTEGER ? undefined : high;
    if (min === undefined && max === undefined) return;
    if (min === undefined) parts.push(`at most ${max}${unit}`);
    else parts.push(max === undefined ? `at least ${min}${unit}` : `${min} to ${max}${unit}`);
  };
  range(field.minimum, field.maximum, '');
  range(field.minLength, field.maxLength, ' characters');
  range(field.minItems, field.maxItems, ' items');
  if (field.pattern !== undefined) parts.push(`\`${field.pattern.replaceAll('|', '\\|')}\``);
  return parts.join('; ');
}
