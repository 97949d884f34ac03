import { describe, expect, it } from 'vitest';
import { withRoundTripReports } from './offer-media.ts';

const offer = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=rtpmap:111 opus/48000/2',
  'm=video 9 UDP/TLS/RTP/SAVPF 108 109 96',
  'a=rtpmap:108 H264/90000',
  'a=rtcp-fb:108 nack',
  'a=rtpmap:109 rtx/90000',
  'a=rtpmap:96 VP8/90000',
  '',
].join('\r\n');

describe('offer media', () => {
  it('offers extended reports for the H.264 codecs of video lines, once', () => {
    const munged = withRoundTripReports(offer);
    expect(munged.match(/^a=rtcp-fb:\d+ rrtr$/gm)).toEqual(['a=rtcp-fb:108 rrtr']);
    expect(munged.replace('a=rtcp-fb:108 rrtr\r\n', '')).toBe(offer);
    expect(withRoundTripReports(munged)).toBe(munged);
  });
});
