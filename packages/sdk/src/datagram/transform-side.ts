/** Which end of the m-line a transform stands at. */
export type TransformSide = { side: 'receive' | 'send' };

export const receiveSide: TransformSide = { side: 'receive' };
export const sendSide: TransformSide = { side: 'send' };
