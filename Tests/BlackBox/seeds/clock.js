// Lets a test set the clock of a program ahead: by the milliseconds that a line on standard input
// says. The program ends with its standard input.
"use strict";

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;

require("readline").createInterface({ input: process.stdin })
    .on("line", (line) => {
        ahead += Number(line);
        process.stdout.write("set\n");
    })
    .on("close", () => process.exit());
