import { errnoName } from '@iommufd/uapi';

/** The name of an errno, for a message: `EACCES`; `errno 530` if it has no name. @param value positive, or negative as a result */
export const errnoText = (value: number): string => errnoName(value) ?? `errno ${Math.abs(value)}`;
