/** How a message is coloured; its words always say the same. */
export type Tone = 'quiet' | 'good' | 'accent' | 'warn' | 'danger';

/** A short word, what to do about it, and its colour. */
export type Notice = { word: string; hint: string; tone: Tone };
