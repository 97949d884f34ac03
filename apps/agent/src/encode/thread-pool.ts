import process from 'node:process';

/**
 * Imported first, for its effect: the pool's size is read with its first use. Each live input keeps one thread
 * waiting for its next packet; with the default of four, four cameras would leave none for anybody else.
 */
process.env.UV_THREADPOOL_SIZE ??= '16';
