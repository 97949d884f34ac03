import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { NetworkErrorCode } from './codes.ts';

const audioOrVideo = { streamId: 'number', mediaType: 'MediaType' };
const sideOfDiagnosis = {
  signal_connect: 'string',
  media_connect: 'string',
  video_transfer: 'string',
  rtt: 'number[]',
  lost: 'number[]',
  bps: 'number[]',
  fps: 'number[]',
};
const numbers = (names: string): Record<string, string> =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, 'number']));

/** The public types of the reference: members, their types, and `?` where the reference says optional. */
const reference: Record<string, string | Record<string, string>> = {
  ConnectionState:
    "'new'|'connecting'|'connected'|'failed'|'disconnected'|'reconnecting'|'not_support'|'limit_exceeded'",
  CloudMode: "'public'|'public_intl'|'private'",
  SDKMode: "'server'|'server2'",
  MediaType: "'video'|'audio'",
  RoomState: "'joining'|'joined'|'unjoined'",
  SignalingState:
    "'new'|'scheduling'|'scheduled'|'connecting'|'connected'|'disconnected'|'closed'|'reconnecting'",
  MqttConnectionState: "'new'|'connecting'|'connected'|'reconnecting'|'error'|'closed'",
  PermissionState: "'master'|'guest'",
  Gateway: {
    deviceId: 'string',
    deviceName: 'string',
    deviceType: 'string',
    streamCount: 'number',
    status: 'string',
    version: 'string',
    'licenseExpire?': 'number',
  },
  OnEventAutoplayResponse: {
    type: "'autoplay'",
    'data.code': 'number',
    'data.message': 'string',
    'data.fieldDeviceId': 'string',
    'data.srcUserId': 'string',
    'data.streamId': 'number',
    'data.trackId': 'string',
    'data.mediaType': 'MediaType',
    'data.videoWidth?': 'number',
    'data.videoHeight?': 'number',
  },
  WebRTCStats: {
    srcUserId: 'string',
    trackId: 'string',
    ...audioOrVideo,
    codec: 'string',
    decoderImplementation: 'string',
    decoderType: "'hardware'|'software'|'unknown'",
    resolution: 'string',
    'latency1?': 'number',
    'latency2?': 'number',
    ...numbers(`bitrate packetsReceived packetsLost lost lostAvg rtt rttAvg nack firCount pliCount
      framesReceived framesDecoded keyFramesDecoded fps decodeTime decodeTimeAvg processingDelay
      processingDelayAvg audioLevel jitter jitterBuffer jitterBufferAvg jitterBufferTarget
      jitterBufferTargetAvg latency lag100 lag150 nackDelta firCountDelta pliCountDelta
      framesReceivedDelta framesDecodedDelta packetsReceivedDelta packetsLostDelta stableFps`),
  },
  DiagnosisReport: {
    diag_error: 'string',
    device_id: 'string',
    'field_pid?': 'string',
    'license_check?': 'string',
    'field_mqtt_connect?': 'string',
    remote_mqtt_connect: 'string',
    'result[].stream_id': 'number',
    'result[].field?': 'DiagnosisFieldReport',
    'result[].remote?': 'DiagnosisRemoteReport',
  },
  // The reference writes these two in place; the names are ours.
  DiagnosisFieldReport: {
    field_mode: 'string',
    video_capture: 'string',
    video_encode: 'string',
    ...sideOfDiagnosis,
  },
  DiagnosisRemoteReport: {
    remote_mode: 'string',
    video_decode: 'string',
    lag_k100: 'number',
    lag_k150: 'number',
    latency: 'number[]',
    webrtc_stats: 'WebRTCStats[]',
    ...sideOfDiagnosis,
  },
  OnEventWebRTCStatsResponse: { type: "'webrtcStats'", data: 'WebRTCStats[]' },
  OnEventGatewayStatsResponse: {
    type: "'gatewayStats'",
    'data.fieldDeviceId': 'string',
    'data.stats': 'any',
  },
  OnEventLocalTrackUnpublishedResponse: { type: "'localTrackUnpublished'", data: 'Object' },
  OnEventResponse:
    'OnEventAutoplayResponse|OnEventWebRTCStatsResponse|OnEventGatewayStatsResponse|OnEventLocalTrackUnpublishedResponse',
};

/** Where our type is another on purpose; each is explained in docs/4-reference/web-sdk.md. */
const narrowed: Record<string, Record<string, string>> = {
  OnEventAutoplayResponse: { 'data.code': 'AutoplayCode' },
  OnEventGatewayStatsResponse: { 'data.stats': 'unknown' },
  OnEventLocalTrackUnpublishedResponse: {
    'data.trackId': 'string',
    'data.mediaType': 'MediaType',
    'data.reason': 'string',
  },
};

const source = ts.createSourceFile(
  'web-sdk.ts',
  readFileSync(new URL('./web-sdk.ts', import.meta.url), 'utf8'),
  ts.ScriptTarget.Latest,
);
const exported = new Map<string, ts.TypeNode>();
source.forEachChild((node) => {
  if (!ts.isTypeAliasDeclaration(node)) return;
  if (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) {
    exported.set(node.name.text, node.type);
  }
});

function textOf(type: ts.TypeNode): string {
  const text = type
    .getText(source)
    .replace(/^\s*\|/, '')
    .replaceAll(/\s/g, '');
  return text;
}

/** Members of an object type as `path` or `path?` with the type's text. */
function membersOf(type: ts.TypeLiteralNode, prefix = ''): Map<string, string> {
  const members = new Map<string, string>();
  for (const member of type.members) {
    if (!ts.isPropertySignature(member) || !member.type) continue;
    const path = prefix + member.name.getText(source);
    const item = ts.isTypeReferenceNode(member.type) ? member.type.typeArguments?.[0] : undefined;
    if (ts.isTypeLiteralNode(member.type)) {
      for (const entry of membersOf(member.type, `${path}.`)) members.set(...entry);
    } else if (item && ts.isTypeLiteralNode(item)) {
      for (const entry of membersOf(item, `${path}[].`)) members.set(...entry);
    } else members.set(member.questionToken ? `${path}?` : path, textOf(member.type));
  }
  return members;
}

function membersOfExport(name: string): Map<string, string> {
  const type = exported.get(name);
  return type && ts.isTypeLiteralNode(type) ? membersOf(type) : new Map();
}

/** Members that the reference requires and we leave optional, as `Type.member`. */
function loosened(): string[] {
  return Object.entries(reference).flatMap(([name, expected]) =>
    typeof expected === 'string'
      ? []
      : [...membersOfExport(name).keys()]
          .filter((path) => path.endsWith('?') && !(path in expected))
          .map((path) => `${name}.${path.slice(0, -1)}`),
  );
}

describe('public types', () => {
  it('are all those of the reference, and no more', () => {
    expect([...exported.keys()].toSorted()).toEqual(Object.keys(reference).toSorted());
  });

  it.each(Object.entries(reference))(
    '%s has the members and types of the reference',
    (name, expected) => {
      const type = exported.get(name);
      if (!type) throw new Error(`${name} is not exported`);
      if (typeof expected === 'string') {
        expect(textOf(type)).toBe(expected);
        return;
      }
      const ours = membersOfExport(name);
      const required = new Map([...ours].map(([path, text]) => [path.replace('?', ''), text]));
      const wanted = Object.entries(expected).map(([path, text]) => [path.replace('?', ''), text]);
      if (name === 'OnEventLocalTrackUnpublishedResponse') wanted.splice(1);
      expect(required).toEqual(
        new Map([...(wanted as Array<[string, string]>), ...Object.entries(narrowed[name] ?? {})]),
      );
      const stricter = Object.keys(expected).filter(
        (path) => path.endsWith('?') && !ours.has(path),
      );
      expect(stricter).toEqual([]);
    },
  );

  it('are optional against the reference exactly where the documentation says so', () => {
    const page = readFileSync(
      new URL('../../../docs/4-reference/web-sdk.md', import.meta.url),
      'utf8',
    );
    const section = page.split('## Optional here')[1]?.split('\n## ')[0] ?? '';
    const documented = [...section.matchAll(/`(\w+\.[\w.[\]]+)`/g)].map((match) => match[1]);
    expect(documented.toSorted()).toEqual(loosened().toSorted());
  });
});

describe('NetworkErrorCode', () => {
  it('has the fifteen members with their public numbers', () => {
    expect(NetworkErrorCode).toEqual({
      Success: 0,
      StreamNotFound: 1001,
      MediaParameterError: 1002,
      TrackNotFound: 1003,
      NoTrackExists: 1004,
      MediaServerException: 1005,
      InvalidJson: 2001,
      InvalidParameters: 2002,
      UserNotJoined: 2003,
      UserRepeatedJoin: 2004,
      SourceUserNotExist: 2005,
      InvalidUserSignature: 2006,
      InvalidAuthServerSignature: 2007,
      ServerOverload: 2008,
      UnknownError: 9999,
    });
  });
});
