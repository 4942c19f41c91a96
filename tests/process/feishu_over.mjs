// A company on Feishu over one of the two ways in, ready for events.
import { connected } from './dingtalk_support.mjs';
import { feishu, withCompany } from './feishu_support.mjs';

/** `transport`: "stream" or "webhook". A long connection stands when `body` begins; its ids fill 64 bits. */
export function over(transport, body, options = {}) {
  const running = async (company) => {
    if (options.bot !== false) await connected(company);
    await body(company);
  };
  // The platform's own half minute before the first attempt to come back is for many clients; here is one.
  const limits = { stream_wide_ids: 1, stream_reconnect_nonce: 1, stream_reconnect_interval: 2, ...options.limits };
  return withCompany(running, { kit: feishu(transport), ...options, limits });
}
