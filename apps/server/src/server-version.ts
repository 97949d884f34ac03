import packageFile from '../package.json' with { type: 'json' };

/** Version of the server, as its package says. */
export const serverVersion: string = packageFile.version;
