/** Version of this SDK, told to the server at login. */
export const sdkVersion = '0.1.0';
