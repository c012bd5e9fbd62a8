// Starts the bookings API with the settings of the environment.
import { api } from './api.js';
import { checker } from './tokens.js';

const { ISSUER, ROOMS_SECRET, PORT = '4000', AUDIENCE = 'http://localhost:4000', DATABASE = 'bookings.sqlite' } = process.env;
if (!ISSUER || !ROOMS_SECRET) throw new Error('Set ISSUER (http://localhost:3001/) and ROOMS_SECRET.');
const check = await checker({ issuer: ISSUER, audience: AUDIENCE, id: 'bookings', secret: ROOMS_SECRET });
api(check, DATABASE).listen(Number(PORT), 'localhost', () => console.log(`Rooms at ${AUDIENCE}`));
