import { LongreachError } from '@longreach/kit';

/** Catalogue of the machine's inputs and codecs; codes are never reused. */
export const MediaErrorCode = {
  /** A device, file or address could not be opened. */
  InputNotOpened: 7101,
  /** It opened, but has no video. */
  NoVideo: 7102,
  /** It ended or broke while running. */
  InputEnded: 7103,
  /** What is forwarded without decoding is not H.264. */
  CodecNotForwarded: 7104,
  /** The encoder or decoder could not be opened. */
  CodecNotOpened: 7105,
  /** The configured kind of input is not supported. */
  InputNotSupported: 7106,
} as const;
export type MediaErrorCode = (typeof MediaErrorCode)[keyof typeof MediaErrorCode];

/** A failure of an input or a codec; other streams go on. */
export class MediaError extends LongreachError {
  constructor(
    code: MediaErrorCode,
    message: string,
    options: ConstructorParameters<typeof LongreachError>[2] = {},
  ) {
    super(code, message, options);
    this.name = 'MediaError';
  }
}
