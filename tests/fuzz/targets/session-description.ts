import { parseMediaDescriptions } from '@longreach/webrtc-node';
import { expectThat, type FuzzTarget } from '../fuzz-target.ts';

const lines = [
  ...['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 102 103 49', 'a=mid:0', 'a=recvonly'],
  ...['a=rtpmap:102 H264/90000', 'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f'],
  ...['a=rtcp-fb:102 nack pli', 'a=rtcp-fb:* transport-cc', 'a=rtpmap:103 rtx/90000'],
  ...['a=fmtp:103 apt=102', 'a=rtpmap:49 flexfec-03/90000', 'a=extmap:3/recvonly urn:x-y'],
  ...['a=ssrc-group:FID 1 2', 'a=ssrc-group:FEC-FR 1 3', 'a=ssrc:1 cname:x', 'a=ssrc:2 cname:x'],
  ...['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:1', 'a=rtpmap:111 opus/48000/2', ''],
];

/** Offers: text from anybody. */
export const sessionDescriptionTarget: FuzzTarget = {
  name: 'session-description',
  examples: () => [Buffer.from(lines.join('\r\n')), Buffer.from(lines.slice(1, 9).join('\n'))],
  run(input) {
    const media = parseMediaDescriptions(Buffer.from(input).toString('latin1'));
    expectThat(media.length <= 64, 'too many lines');
    for (const { codecs } of media) {
      expectThat(
        codecs.every(({ payloadType }) => payloadType <= 0x7f),
        'no payload type',
      );
    }
  },
};
