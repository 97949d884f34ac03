import {
  canonicalHeaderBytes,
  createLeg,
  isCanonical,
  isRtcp,
  isRtp,
  KeyFrameDetector,
  PacketBuilder,
  payloadEnd,
  payloadOffset,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
  rewriteForLeg,
  toCanonical,
  unwrapRtx,
  wrapRtx,
} from '@longreach/rtp';
import { extensionBytes, findExtension } from '../../../packages/rtp/src/rtp-packet.ts';
import { expectSameBytes, expectThat, type FuzzTarget } from '../fuzz-target.ts';

const foreignIds = { mid: 4, transportSequence: 3, playoutDelay: 6, absCaptureTime: 13 };
const leg = createLeg({ payloadType: 102, ssrc: 7, mid: '12', extensionIds: foreignIds });

function canonicalExamples(): Buffer[] {
  const builder = new PacketBuilder({ payloadType: 96, ssrc: 9, mid: '0', firstSequence: 65_534 });
  return [0, 1, 3, 40].map((bytes, i) =>
    builder.build(bytes, i === 3, 90_000, 1_000_000).fill(7, 36),
  );
}

/** Two CSRCs, an extension of three elements with padding between, and four bytes of padding at the end. */
const foreign = Buffer.from(
  'b260000100015f9000000009000000010000000' +
    '2bede00033241420031ab0110aabb00d7' +
    '65880102030000000004',
  'hex',
);

/** Headers, CSRCs, extensions and padding. */
export const rtpTarget: FuzzTarget = {
  name: 'rtp',
  examples: () => [...canonicalExamples(), foreign],
  run(input) {
    const isMedia = isRtp(input);
    expectThat(!(isMedia && isRtcp(input)), 'both RTP and RTCP');
    isCanonical(input);
    if (!isMedia) {
      expectThat(toCanonical(input, foreignIds) === undefined, 'no RTP became canonical');
      return;
    }
    const from = payloadOffset(input);
    const end = payloadEnd(input);
    expectThat(from >= 12 && from <= end && end <= input.length, 'payload outside the packet');
    expectThat(
      readPayloadType(input) < 128 && readSequence(input) <= 0xffff,
      'fields out of range',
    );
    expectThat(readSsrc(input) >= 0 && readTimestamp(input) >= 0, 'negative fields');
    checkCanonical(input, from, end);
  },
};

function checkCanonical(input: Uint8Array, from: number, end: number): void {
  const canonical = toCanonical(input, foreignIds);
  expectThat(
    canonical !== undefined && isCanonical(canonical),
    'the rebuilt packet is not canonical',
  );
  const payload = input.subarray(from, end);
  expectSameBytes(canonical.subarray(canonicalHeaderBytes), payload, 'payload');
  expectThat(readMarker(canonical) === readMarker(input), 'marker');
  rewriteForLeg(canonical, leg, 1, 2, 3);
  expectThat(isRtp(canonical), 'the rewritten packet is no RTP');
  expectSameBytes(canonical.subarray(canonicalHeaderBytes), payload, 'payload after rewriting');
}

/** Header extensions in the one-byte form. */
export const extensionTarget: FuzzTarget = {
  name: 'rtp-extension',
  examples: () => [foreign, ...canonicalExamples().slice(0, 2)],
  run(input) {
    if (!isRtp(input)) return;
    const end = payloadOffset(input);
    for (let id = 0; id <= 15; id++) {
      const at = findExtension(input, id);
      if (at < 0) continue;
      expectThat(id !== 0 && id !== 15, 'a reserved id was found');
      const length = extensionBytes(input, at);
      expectThat(at >= 17 && at + length <= end, 'an element outside the extension');
    }
  },
};

/** Repeats: taken apart, and put together again. */
export const rtxTarget: FuzzTarget = {
  name: 'rtx',
  examples: () => canonicalExamples().map((packet) => wrapRtx(packet, readSequence(packet))),
  run(input) {
    if (!isCanonical(input)) return;
    const whole = input.slice();
    const packet = unwrapRtx(input, { ssrc: 5, payloadType: 96 });
    if (packet === undefined) {
      expectThat(whole.length <= canonicalHeaderBytes + 2, 'a repeat with payload gave nothing');
      return;
    }
    expectThat(isCanonical(packet) && readSsrc(packet) === 5, 'the original is not canonical');
    const repeat = wrapRtx(packet, readSequence(packet));
    const restored = whole.subarray(canonicalHeaderBytes);
    expectSameBytes(repeat.subarray(canonicalHeaderBytes), restored, 'wrapped again');
  },
};

/** Beginnings of key frames. */
export const keyFrameTarget: FuzzTarget = {
  name: 'h264-key-frame',
  examples: () =>
    ['7c8588', '7c05', '7c4500', '6588', '67420000', '780005674200010003680000', '4188'].map(
      (hex) => Buffer.from(hex, 'hex'),
    ),
  run(input) {
    const detector = new KeyFrameDetector();
    const first = detector.detect(input);
    // Once parameter sets came, only they are a beginning.
    expectThat(!detector.detect(input) || first, 'a beginning only at the second look');
  },
};
