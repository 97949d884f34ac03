/** Feedback that a browser only has when somebody asks for it, or that our server uses for more than repeats. */
const repairFeedback = /^a=rtcp-fb:\S+ (transport-cc|goog-remb|rrtr)\s*$/;

/** Leaves a connection with plain repeats (RFC 4585 NACK, RFC 4588) as its only repair, whatever the SDK offers. */
export function makePlain(connection: RTCPeerConnection): void {
  const createOffer = connection.createOffer.bind(
    connection,
  ) as () => Promise<RTCSessionDescriptionInit>;
  const setRemoteDescription = connection.setRemoteDescription.bind(connection);
  Object.defineProperty(connection, 'createOffer', {
    value: async () => plainDescription(await createOffer()),
  });
  Object.defineProperty(connection, 'setRemoteDescription', {
    value: (description: RTCSessionDescriptionInit) =>
      setRemoteDescription(plainDescription(description)),
  });
}

function plainDescription({
  type,
  sdp = '',
}: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  const parity = [...sdp.matchAll(/^a=rtpmap:(\d+) (?:flexfec-03|ulpfec|red)\//gim)].map(
    ([, payloadType]) => payloadType as string,
  );
  const lines = sdp
    .split('\r\n')
    .filter((line) => !repairFeedback.test(line) && !isAbout(line, parity));
  return { type, sdp: lines.map((line) => withoutTypes(line, parity)).join('\r\n') };
}

function isAbout(line: string, payloadTypes: string[]): boolean {
  const about = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line)?.[1];
  return about !== undefined && payloadTypes.includes(about);
}

/** An m-line without some of its payload types; they follow port and protocol. */
function withoutTypes(line: string, payloadTypes: string[]): string {
  if (!line.startsWith('m=video')) return line;
  const [media, port, protocol, ...types] = line.split(' ');
  return [media, port, protocol, ...types.filter((type) => !payloadTypes.includes(type))].join(' ');
}
