import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { Decoder, PacketType } from 'socket.io-parser';
import { shortName } from './operation-name.ts';

/** In the place of an event's name: a packet that is answered with an error instead of being a call. */
export class Refused {
  readonly operation: string;
  readonly error: ChatError;

  constructor(operation: string, error: ChatError) {
    this.operation = operation;
    this.error = error;
  }
}

/** In the handshake's `auth`, where no JSON can put it. */
const DECODER = Symbol('decoder');
const REFUSED = Symbol('refused');
type Auth = Record<string, unknown> & { [DECODER]?: PacketDecoder; [REFUSED]?: ChatError };

/** Why a packet that came before the handshake, or instead of one, is refused. */
export const refusedIn = (auth: object): ChatError | undefined => (auth as Auth)[REFUSED];
/** The socket is there: packets are calls from here on. */
export const noteConnected = (auth: object): void => (auth as Auth)[DECODER]?.noteConnected();

const wrong = (rule: string, message: string): ChatError => errors.VALIDATION_FAILED([{ path: [], rule, message }]);
const bytes = (): ChatError => wrong('text', 'Send JSON, not bytes.');
const malformed = (): ChatError => wrong('packet', 'This is no packet of Socket.IO.');

/** The type, attachments, the namespace, the id, and the name of the event. */
const HEAD = /^\d(?:\d+-)?(?:(\/[^,]*),)?(\d*)(?:\["((?:[^"\\]|\\.){0,100}))?/;

type Head = Readonly<{ namespace: string | undefined; id: number | undefined; isIdWrong: boolean; name: string }>;

function headOf(packet: string): Head {
  const [, namespace, digits = '', name = ''] = HEAD.exec(packet) ?? [];
  const id = digits === '' ? undefined : Number(digits);
  const isIdWrong = id !== undefined && !Number.isSafeInteger(id);
  return { namespace, id: isIdWrong ? undefined : id, isIdWrong, name };
}

/** Attempts that one connection may make to connect: a client that means well signs in at the first or second. */
const MOST_HANDSHAKES = 100;
/** Packets that one connection brings in one turn of the event loop: a polling request may hold hundreds of thousands of small ones. */
const MOST_IN_TURN = 10_000;

let turn = 0;
let isCounted = false;

/** The turn of the event loop, by number; counted only while packets come. */
function currentTurn(): number {
  if (!isCounted) {
    isCounted = true;
    setImmediate(endTurn);
  }
  return turn;
}

function endTurn(): void {
  turn += 1;
  isCounted = false;
}

/** So many digits are a safe integer. */
const SAFE_DIGITS = 15;

/**
 * Socket.IO's decoder closes the connection without a word on whatever it does not take. This one has it answered with an error, as plain
 * WebSocket does: on a socket as a refused event, which has the acknowledgement of the packet; before there is a socket as a
 * refused handshake.
 */
export class PacketDecoder extends Decoder {
  readonly #maxPayload: number;
  #isConnected = false;
  /** Binary frames that belong to a packet refused already. */
  #attachments = 0;
  #handshakes = 0;
  #turn = -1;
  #inTurn = 0;

  constructor(maxPayload: number) {
    super();
    this.#maxPayload = maxPayload;
  }

  noteConnected(): void {
    this.#isConnected = true;
  }

  override add(packet: unknown): void {
    this.#bound();
    if (typeof packet !== 'string') {
      if (this.#attachments > 0) this.#attachments -= 1;
      else this.#refuse(bytes());
      return;
    }
    this.#attachments = 0;
    if (isLonger(packet, this.#maxPayload + TYPE.length))
      return this.#refuse(errors.PAYLOAD_TOO_LARGE({ limit: this.#maxPayload }), headOf(packet));
    switch (packet[0]) {
      case '0':
        return this.#connect(packet);
      case '2':
        return this.#event(packet);
      case '5':
      case '6':
        this.#attachments = Number.parseInt(packet.slice(1), 10) || 0;
        return this.#refuse(bytes(), headOf(packet));
      case '1':
      case '3':
        if (this.#isConnected && packet[1] !== '/') return this.#pass(packet);
    }
    this.#refuse(malformed());
  }

  /** Too many at once would keep everybody else waiting while they are decoded. */
  #bound(): void {
    const now = currentTurn();
    if (this.#turn !== now) {
      this.#turn = now;
      this.#inTurn = 0;
    }
    this.#inTurn += 1;
    // Socket.IO closes the connection then.
    if (this.#inTurn > MOST_IN_TURN) throw new Error('too many packets at once');
  }

  #connect(packet: string): void {
    if (this.#isConnected) return this.#refuse(wrong('connect', 'Connect once per connection.'));
    const [, namespace = '/', json = ''] = /^0(?:(\/[^,]*),?)?(.*)$/s.exec(packet) ?? [];
    let auth: unknown = {};
    try {
      if (json !== '') auth = JSON.parse(json);
    } catch {
      return this.#refuse(errors.MALFORMED_JSON());
    }
    if (typeof auth !== 'object' || auth === null || Array.isArray(auth)) return this.#refuse(malformed());
    this.#handshake(namespace, Object.assign(auth, { [DECODER]: this }));
  }

  /** Each is a socket of its own until it is refused. */
  #handshake(nsp: string, data: object): void {
    this.#handshakes += 1;
    // Socket.IO closes the connection then.
    if (this.#handshakes > MOST_HANDSHAKES) throw new Error('too many attempts to connect');
    this.emitReserved('decoded', { type: PacketType.CONNECT, nsp, data });
  }

  #event(packet: string): void {
    if (!this.#isConnected) return this.#refuse(errors.UNAUTHENTICATED());
    let at = 1;
    while (isDigit(packet, at)) at += 1;
    if (at > 1 + SAFE_DIGITS || packet[1] === '/') {
      const head = headOf(packet);
      if (head.isIdWrong) return this.#refuse(wrong('ack_id', 'An id is a whole number from 0 to 2^53 - 1.'), head);
      if (head.namespace !== undefined) return this.#refuse(errors.NOT_FOUND({ namespace: shortName(head.namespace) }), head);
    }
    this.#pass(packet);
  }

  #pass(packet: string): void {
    try {
      super.add(packet);
    } catch {
      this.#refuse(faultOf(packet), headOf(packet));
    }
  }

  #refuse(error: ChatError, head?: Head): void {
    if (this.#isConnected) {
      const refused = new Refused(head?.name ?? '', error);
      this.emitReserved('decoded', { type: PacketType.EVENT, nsp: '/', data: [refused], ...(head?.id !== undefined && { id: head.id }) });
    } else {
      this.#handshake('/', { [REFUSED]: error });
    }
  }
}

const TYPE = '2';

/** Counts bytes only where the characters do not tell. */
const isLonger = (text: string, most: number): boolean => text.length > most || (text.length * 3 > most && Buffer.byteLength(text) > most);

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

/** What is wrong with a packet that the parser does not take. */
function faultOf(packet: string): ChatError {
  let data: unknown;
  try {
    data = JSON.parse(packet.replace(/^\d+/, ''));
  } catch {
    return errors.MALFORMED_JSON();
  }
  // Names that Socket.IO keeps for itself.
  return Array.isArray(data) && typeof data[0] === 'string' ? errors.OPERATION_UNKNOWN() : malformed();
}
