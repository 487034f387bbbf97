import type { Socket } from 'node:net';
import { DataFlag, Marker, MessageType, PacketType, TnsVersion } from './constants.ts';
import type { Stage } from './faults.ts';
import { MessageIncomplete } from './message-reader.ts';
import {
  acceptPacket,
  type ConnectRequest,
  dataPackets,
  markerPacket,
  type Packet,
  PacketSplitter,
  readConnect,
  readData,
  readMarker,
  refusePacket,
} from './packets.ts';
import { Session } from './session.ts';
import type { ReplyChannel, ServerState } from './state.ts';

/** A client fills a packet up to the data unit but for a field that would not fit; less filled, no packet follows. */
const longestField = 64;

/** One client: the packets of TNS, the listener's part, breaks, and the faults that strike answers. */
export class Connection implements ReplyChannel {
  private readonly transport: Socket;
  private readonly stream: Socket;
  private readonly state: ServerState;
  private readonly splitter = new PacketSplitter();
  private sessionDataUnit = 8192;
  /** CONNECT whose descriptor is still to come, and what of it has come. */
  private awaited: { request: ConnectRequest; descriptor: string } | null = null;
  private session: Session | null = null;
  /** The packets of a message that is not complete. */
  private parts: Buffer[] = [];
  /** What to say once the client has answered a break marker with a reset. */
  private afterReset: Buffer | null = null;
  /** Counts canceled calls, whose answers must not be sent any more. */
  private cancellations = 0;
  /** An answer was cut off: nothing may follow it. */
  private stalled = false;
  endOfResponse = false;

  /** `stream` is what to talk through (TLS or not), `transport` the TCP socket beneath it. */
  constructor(transport: Socket, stream: Socket, state: ServerState) {
    this.transport = transport;
    this.stream = stream;
    this.state = state;
    stream.on('data', (chunk: Buffer) => {
      this.receive(chunk);
    });
    stream.on('error', () => undefined); // a client that breaks off is part of the tests
    stream.on('close', () => this.session?.end());
    stream.resume(); // one that was held back at accept is paused
  }

  reply(stage: Stage, message: Buffer, options: { sql?: string; endOfResponse?: boolean } = {}): void {
    const endOfResponse = options.endOfResponse ?? this.endOfResponse;
    this.send(stage, this.frame(message, endOfResponse), options.sql);
  }

  fail(stage: Stage, message: Buffer, sql?: string): void {
    if (!this.state.errorsBehindMarkers) {
      this.reply(stage, message, sql === undefined ? {} : { sql });
      return;
    }
    this.afterReset = this.frame(message, this.endOfResponse);
    this.send(stage, markerPacket(Marker.break, this.splitter.largePackets), sql);
  }

  private frame(message: Buffer, endOfResponse: boolean): Buffer {
    const body = endOfResponse ? Buffer.concat([message, Buffer.from([MessageType.endOfRequest])]) : message;
    return dataPackets(body, {
      sessionDataUnit: this.sessionDataUnit,
      largePackets: this.splitter.largePackets,
      endOfResponse,
    });
  }

  private receive(chunk: Buffer): void {
    try {
      for (const packet of this.splitter.feed(chunk)) this.receivePacket(packet);
    } catch (error) {
      this.state.unexpected.push(`message: ${error instanceof Error ? error.message : String(error)}`);
      this.stream.destroy();
    }
  }

  private receivePacket(packet: Packet): void {
    switch (packet.type) {
      case PacketType.connect:
        this.receiveConnect(readConnect(packet.bytes));
        break;
      case PacketType.data:
        this.receiveData(packet.bytes);
        break;
      case PacketType.marker:
        this.receiveMarker(readMarker(packet.bytes));
        break;
      default:
        throw new Error(`packet type ${packet.type} is not supported by the test server`);
    }
  }

  private receiveConnect(request: ConnectRequest): void {
    this.sessionDataUnit = request.sessionDataUnit;
    if (request.descriptor === null) this.awaited = { request, descriptor: '' };
    else this.listen(request, request.descriptor);
  }

  private receiveData(bytes: Buffer): void {
    const { flags, payload } = readData(bytes);
    if ((flags & DataFlag.endOfFile) !== 0) {
      this.stream.end();
      return;
    }
    if (this.awaited !== null) {
      this.receiveDescriptor(this.awaited, payload);
      return;
    }
    if (this.session === null) throw new Error('data came before CONNECT');
    this.parts.push(payload);
    try {
      this.session.receive(Buffer.concat(this.parts));
      this.parts = [];
    } catch (error) {
      const maybePart = bytes.length > this.sessionDataUnit - longestField;
      if (!(error instanceof MessageIncomplete) || !maybePart) throw error;
    }
  }

  private receiveDescriptor(awaited: { request: ConnectRequest; descriptor: string }, payload: Buffer): void {
    awaited.descriptor += payload.toString('latin1');
    if (awaited.descriptor.length < awaited.request.descriptorLength) return;
    this.awaited = null;
    this.listen(awaited.request, awaited.descriptor);
  }

  /** The listener: looks the service up, and hands the connection over to a session. */
  private listen(request: ConnectRequest, descriptor: string): void {
    const parameter = (name: string): string | undefined =>
      new RegExp(`\\(${name}=([^)]*)\\)`, 'i').exec(descriptor)?.[1];
    const service = parameter('SERVICE_NAME');
    const systemIdentifier = parameter('SID');
    const known =
      service === undefined
        ? this.state.systemIdentifiers.has((systemIdentifier ?? '').toUpperCase())
        : this.state.services.has(service.toUpperCase());
    if (!known) {
      this.send('connect', refusePacket(service === undefined ? 12505 : 12514));
      this.stream.end();
      return;
    }
    const tnsVersion = Math.min(this.state.profile.tnsVersion, request.tnsVersion);
    const flags = tnsVersion >= TnsVersion.endOfResponse ? this.state.profile.acceptFlags : 0;
    const { nativeNetworkServices } = this.state;
    this.send(
      'connect',
      acceptPacket({ tnsVersion, flags, sessionDataUnit: this.sessionDataUnit, nativeNetworkServices }),
    );
    this.splitter.largePackets = tnsVersion >= TnsVersion.largePackets;
    this.session = new Session(this, this.state, { service: service ?? systemIdentifier ?? '', acceptFlags: flags });
  }

  /** A break cancels the call; after the client's reset comes how the call ended. */
  private receiveMarker(kind: number): void {
    this.parts = [];
    if (kind === Marker.reset) {
      const message = this.afterReset ?? Buffer.alloc(0);
      this.afterReset = null;
      this.write(Buffer.concat([markerPacket(Marker.reset, this.splitter.largePackets), message]));
      return;
    }
    if (this.session === null) throw new Error('a break came before CONNECT');
    this.cancellations += 1;
    this.afterReset = this.frame(this.session.cancel(), this.endOfResponse);
    this.send('break', markerPacket(Marker.break, this.splitter.largePackets));
  }

  private send(stage: Stage, packets: Buffer, sql?: string): void {
    const fault = this.state.faults.strike(stage, sql);
    const { cancellations } = this;
    switch (fault) {
      case undefined:
        this.write(packets);
        break;
      case 'mute':
        this.state.faults.hold(() => {
          if (cancellations === this.cancellations) this.write(packets);
        });
        break;
      case 'truncate':
        this.write(packets.subarray(0, Math.ceil(packets.length / 2)));
        this.stalled = true;
        this.state.faults.hold(() => {
          this.stalled = false;
          this.write(packets.subarray(Math.ceil(packets.length / 2)));
        });
        break;
      case 'close':
        this.stream.end();
        break;
      case 'reset':
        this.transport.resetAndDestroy();
        break;
    }
  }

  private write(packets: Buffer): void {
    if (this.stalled) {
      this.state.faults.hold(() => {
        this.write(packets);
      });
    } else if (this.stream.writable) this.stream.write(packets);
  }
}
