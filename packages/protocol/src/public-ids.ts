/** Project of devices whose id names none. */
export const defaultProjectId = 'default';

/** A device's id as public mode shows it, `${projectId}/${deviceId}`; one that names its project stays as it is. */
export function toPublicId(deviceId: string): string {
  return deviceId.includes('/') ? deviceId : `${defaultProjectId}/${deviceId}`;
}

/** The same device's id inside a server: without its project where that is the default one. */
export function fromPublicId(publicId: string): string {
  const prefix = `${defaultProjectId}/`;
  return publicId.startsWith(prefix) ? publicId.slice(prefix.length) : publicId;
}
