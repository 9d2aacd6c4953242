/** Where a rack's process can be asked, in its directory: `GET /status`, `GET /files`, `POST /faults`. */
export const CONTROL = "control.sock";
