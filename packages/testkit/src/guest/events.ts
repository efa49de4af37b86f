import { encodeZeroFilled, smmuv3_event, type ZeroFillable } from '@iommufd/uapi';
import { decode, type Decoded, type Encodable } from '@iommufd/uapi/struct';

export type Event = Decoded<typeof smmuv3_event>;
/** Fields of an event; omitted fields are zero. */
export type EventFields = ZeroFillable<Encodable<typeof smmuv3_event>>;

const { F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION } = smmuv3_event.cases;
/** Translation faults, whose records have the same form. */
const FAULTS = { F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION };
export type FaultName = keyof typeof FAULTS;
type FieldsOf<Number> = Omit<Extract<EventFields, { readonly EventNumber: Number }>, 'EventNumber'>;

/** A decoded event; omitted fields are zero. */
export const eventOf = (fields: EventFields): Event =>
  decode(smmuv3_event, encodeZeroFilled(smmuv3_event, fields));

/** Fields of a translation fault. F_PERMISSION has additional ones. */
export type FaultFields = FieldsOf<typeof F_PERMISSION.tag>;

/** A translation fault. */
export function faultOf(name: FaultName, fields: FaultFields): Event {
  return eventOf({ EventNumber: FAULTS[name].tag, ...fields });
}
