// The API of rooms and their bookings. Makes a booking only as its person approved it, and once for each approval.
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { approval, type Check, type Detail, needs, Refused } from './tokens.js';

/** Euros a day. */
const ROOMS = { blue: { seats: 8, price: 80 }, green: { seats: 20, price: 145 } };
type Room = keyof typeof ROOMS;

interface Booking {
  approval: string;
  room: Room;
  from: string;
  to: string;
  people: number;
  price: string;
}

const isRoom = (name: unknown): name is Room => typeof name === 'string' && Object.hasOwn(ROOMS, name);

/** The price for all days, the first and the last included. */
function price(room: Room, from: string, to: string): string {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (!Number.isInteger(days) || days < 1) throw new Refused(400, '`to` must not be before `from`.');
  return (ROOMS[room].price * days).toFixed(2);
}

export function api(check: Check, file: string): Express {
  const db = new Database(file);
  // The primary key makes sure that an approval is used once, also across restarts.
  db.exec(`CREATE TABLE IF NOT EXISTS booking (
    approval TEXT PRIMARY KEY, person TEXT NOT NULL, room TEXT NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL,
    people INTEGER NOT NULL, price TEXT NOT NULL)`);
  const columns = 'approval, room, "from", "to", people, price';
  const of = db.prepare<[string, string], Booking>(`SELECT ${columns} FROM booking WHERE approval = ? AND person = ?`);
  const used = db.prepare<[string]>('SELECT 1 FROM booking WHERE approval = ?');
  const taken = db.prepare<[string, string, string]>(
    'SELECT 1 FROM booking WHERE room = ? AND "from" <= ? AND "to" >= ?',
  );
  const insert = db.prepare('INSERT INTO booking VALUES (@approval, @person, @room, @from, @to, @people, @price)');
  const shown = (booking: Booking) => ({ ...booking, status: 'Booked' });

  /** Makes the booking of an approval, or finds the one that it made before. */
  const book = db.transaction((txn: string, person: string, detail: Detail) => {
    const before = of.get(txn, person);
    if (before) return before;
    if (used.get(txn)) throw new Refused(403, 'Another person used this approval');
    const { room, from, to, people } = detail;
    if (!isRoom(room)) throw new Refused(404, 'There is no such room');
    if (price(room, String(from), String(to)) !== detail['price']) throw new Refused(409, 'The price has changed');
    if (Number(people) > ROOMS[room].seats) throw new Refused(409, 'The room is too small');
    if (taken.get(room, String(to), String(from))) throw new Refused(409, 'The room is taken');
    insert.run({ approval: txn, person, room, from, to, people, price: detail['price'] });
    return of.get(txn, person)!;
  });

  const app = express();
  app.use(express.json({ limit: '10kb' }));

  app.get('/rooms', async (request, response) => {
    needs(await check(request.headers.authorization), 'rooms:read');
    const on = String(request.query['on'] ?? '');
    const free = Object.entries(ROOMS).filter(([room]) => on === '' || !taken.get(room, on, on));
    response.json(free.map(([room, { seats, price }]) => ({ room, seats, price: `${price.toFixed(2)} EUR` })));
  });

  app.get('/rooms/:room', async (request, response) => {
    needs(await check(request.headers.authorization), 'rooms:read', 'rooms:book');
    const { room } = request.params;
    if (!isRoom(room)) throw new Refused(404, 'There is no such room');
    const { from, to } = request.query;
    response.json({ room, price: price(room, String(from), String(to)) });
  });

  app.post('/bookings', async (request, response) => {
    const claims = await check(request.headers.authorization);
    const { txn, detail } = approval(claims, 'room_booking');
    if (!isDeepStrictEqual(request.body, detail)) throw new Refused(403, 'This is not what was approved');
    response.status(201).json(shown(book.immediate(txn, claims.sub!, detail)));
  });

  // The receipt of an approval: nothing, or exactly one booking of that person.
  app.get('/bookings', async (request, response) => {
    const claims = await check(request.headers.authorization);
    needs(claims, 'rooms:read', 'rooms:book');
    const found = of.get(String(request.query['txn'] ?? ''), claims.sub!);
    response.json(found ? [shown(found)] : []);
  });

  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (!(error instanceof Refused)) console.error(error);
    const { status, message } = error instanceof Refused ? error : new Refused(500, 'Something failed here.');
    if (status === 401) response.set('www-authenticate', 'Bearer error="invalid_token"');
    response.status(status).json({ error: message });
  });
  return app;
}
