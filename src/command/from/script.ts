import { filledScript } from '../script-template.ts';
import type { Errand } from './source.ts';

/** A name, addresses and numbers; none of them begins as an option does. */
const PLAIN = /^(?!-)(?:[0-9A-Za-z_.:-]|[ ](?!-))*$/;

/** The client script for one errand. A value that could be program text or an option is refused (TypeError). */
export const scriptFor = (errand: Errand): Promise<string> =>
  filledScript(
    'from',
    'vantage.sh',
    {
      CASE: errand.caseId,
      HOST: errand.host ?? '',
      ADDRESSES: errand.addresses.join(' '),
      PORT: String(errand.port),
      REFERENCE: errand.reference === null ? '' : String(errand.reference),
      CONTROL: errand.control?.address ?? '',
      FAMILY: errand.family === null ? '' : String(errand.family),
      SWEEP: errand.ttlProbe ? 'yes' : 'no',
    },
    PLAIN,
  );
