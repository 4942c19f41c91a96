// A WebSocket client as small as the tests need: it shows frames as they come, pieces and all.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const names = { 0: 'more', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

export class WebSocketClient {
  /** Throws with the status when the server refuses. */
  static async open(address) {
    const url = new URL(address);
    const client = new WebSocketClient();
    client.socket = net.connect(Number(url.port), url.hostname);
    client.socket.on('error', () => {});
    client.over = new Promise((resolve) => client.socket.on('close', resolve));
    const key = randomBytes(16).toString('base64');
    client.socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    client.bytes = Buffer.alloc(0);
    while (!client.bytes.includes('\r\n\r\n')) client.bytes = Buffer.concat([client.bytes, (await once(client.socket, 'data'))[0]]);
    const end = client.bytes.indexOf('\r\n\r\n') + 4;
    const head = client.bytes.subarray(0, end).toString();
    const status = Number(head.split(' ')[1]);
    if (status !== 101) {
      client.socket.destroy();
      throw Object.assign(new Error(`refused with ${status}`), { status });
    }
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    if (!head.includes(accept)) throw new Error('the handshake is not answered');
    client.bytes = client.bytes.subarray(end);
    client.socket.on('data', (more) => {
      client.bytes = Buffer.concat([client.bytes, more]);
      client.#parse();
    });
    client.#parse();
    return client;
  }

  /** [{kind, final, text}] in the order they came. */
  frames = [];
  /** Whole messages, as text. */
  messages = [];
  onMessage = () => {};
  #pieces = '';
  #parse() {
    while (this.bytes.length >= 2) {
      const final = (this.bytes[0] & 128) !== 0;
      const kind = names[this.bytes[0] & 15];
      let length = this.bytes[1] & 127;
      let at = 2;
      if (length === 126) length = this.bytes.readUInt16BE((at += 2) - 2);
      else if (length === 127) length = Number(this.bytes.readBigUInt64BE((at += 8) - 8));
      if (this.bytes.length < at + length) return;
      const payload = this.bytes.subarray(at, at + length);
      this.bytes = this.bytes.subarray(at + length);
      this.frames.push({ kind, final, text: payload.toString() });
      if (kind === 'text' || kind === 'more') {
        this.#pieces += payload.toString('latin1');
        if (final) {
          const text = Buffer.from(this.#pieces, 'latin1').toString();
          this.#pieces = '';
          this.messages.push(text);
          this.onMessage(text);
        }
      }
      if (kind === 'close') this.#write(8, payload);
    }
  }
  #write(opcode, payload) {
    const mask = randomBytes(4);
    const head = Buffer.alloc(payload.length > 65535 ? 10 : payload.length > 125 ? 4 : 2);
    head[0] = 128 | opcode;
    head[1] = 128 | (head.length === 10 ? 127 : head.length === 4 ? 126 : payload.length);
    if (head.length === 4) head.writeUInt16BE(payload.length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
    this.socket.write(Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4])]));
  }
  send(text) {
    this.#write(1, Buffer.from(text));
  }
  ping() {
    this.#write(9, Buffer.from('?'));
  }
  /** True when the connection ends within that time. */
  async ends(ms) {
    return Promise.race([this.over.then(() => true), pause(ms, false)]);
  }
  destroy() {
    this.socket.destroy();
  }
}
