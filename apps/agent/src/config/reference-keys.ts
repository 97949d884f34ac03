/** Keys and values of the reference that we know and do not support yet: they warn, where an unknown key is refused. */
import { unsupportedProtocols } from './config-file.ts';
import type { ConfigIssue } from './errors.ts';

type Json = Record<string, unknown>;
/** What to do with a value that is known and not supported: leave the key out, so that its default holds. */
type KnownValues = Record<string, readonly unknown[]>;

const rootKeys = [
  'certificate',
  'rtc_server_ip',
  'rtc_server_port',
  'network_bind',
  'media_trans_mode',
  'dc_double_trans_enable',
  'audio_external',
  'audio_record',
];
const streamKeys = ['record_on'];
const rootValues: KnownValues = { sdk_mode: ['server2'] };
const streamValues: KnownValues = { codec: [1, 2] };

/** Takes what is not supported yet out of a copy and says what that was. Anything else stays for the schema to judge. */
export function setAsideUnsupported(root: unknown): { rest: unknown; warnings: ConfigIssue[] } {
  const warnings: ConfigIssue[] = [];
  if (!isObject(root)) return { rest: root, warnings };
  const rest = withoutUnsupported(root, rootKeys, rootValues, '', warnings);
  if (Array.isArray(rest.streams_config)) {
    rest.streams_config = rest.streams_config.map((stream: unknown, i) =>
      isObject(stream) ? streamWithout(stream, `streams_config[${i}].`, warnings) : stream,
    );
  }
  return { rest, warnings };
}

function streamWithout(stream: Json, prefix: string, warnings: ConfigIssue[]): Json {
  const rest = withoutUnsupported(stream, streamKeys, streamValues, prefix, warnings);
  const { protocol, cameras } = rest;
  if ((unsupportedProtocols as readonly unknown[]).includes(protocol)) {
    const message = `${String(protocol)} is not supported yet, the stream stays closed`;
    warnings.push({ path: `${prefix}protocol`, message });
  }
  if (Array.isArray(cameras) && cameras.length > 1) {
    rest.cameras = cameras.slice(0, 1);
    const message = 'more than one is not supported yet, the first is taken';
    warnings.push({ path: `${prefix}cameras`, message });
  }
  return rest;
}

function withoutUnsupported(
  from: Json,
  keys: readonly string[],
  values: KnownValues,
  prefix: string,
  warnings: ConfigIssue[],
): Json {
  const rest: Json = {};
  for (const [key, value] of Object.entries(from)) {
    if (keys.includes(key)) {
      warnings.push({ path: prefix + key, message: 'is not supported yet and has no effect' });
    } else if (Object.hasOwn(values, key) && values[key]?.includes(value)) {
      const message = `${JSON.stringify(value)} is not supported yet, the default is taken`;
      warnings.push({ path: prefix + key, message });
    } else {
      rest[key] = value;
    }
  }
  return rest;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
