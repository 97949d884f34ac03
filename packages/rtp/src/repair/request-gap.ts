/** A round trip so short that a copy of a request can be told from the next one by its time, µs. */
const shortRoundTripUs = 50_000;
const gapShare = 0.6;

/**
 * Requests for one packet within this time are copies of one request and answered once, µs. On a long way each copy is
 * answered, so that one burst of losses does not take all repeats: 0.
 */
export function requestGapUs(roundTripUs: number): number {
  return roundTripUs < shortRoundTripUs ? gapShare * roundTripUs : 0;
}
