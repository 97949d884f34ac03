/** Which connection's m-line a transform belongs to, and at which end of it the transform stands. */
export type TransformSide = { connection: number; side: 'receive' | 'send' };
