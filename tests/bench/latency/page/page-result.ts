/** One picture as the browser announced it; times are ms on the page clock. */
export type PagePicture = {
  rtpTimestamp: number;
  /** Its last packet arrived. */
  receivedMs: number;
  /** From there until it was decoded, ms. */
  decodeMs: number;
  /** It was handed to the compositor. */
  presentedMs: number;
  /** The time that came with the announcement: the refresh that it belongs to. */
  announcedMs: number;
  /** The page was told. */
  calledMs: number;
};

/** What the page saw. */
export type PageResult = {
  pictures: PagePicture[];
  /** Numbers of the video's inbound-rtp statistics. */
  stats: Record<string, number>;
};
