// Feishu over its long connection: the faults of the platform by their numbers.
import { platformFaults } from './feishu_faults.mjs';
import { over } from './feishu_over.mjs';

platformFaults((body, options) => over('stream', body, options));
