/** Waits between attempts to reach the server, ms; the page's dice spread them. */
export const retryWaits = { firstMs: 100, maxMs: 2000 };
