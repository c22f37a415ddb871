// SPDX-License-Identifier: GPL-3.0-or-later
// The lab's home, run by home.py, as functions: home.call("names", {device}).

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("home.py", import.meta.url));

export class Home {
	#process;
	#lines;

	/** Builds the home; it is up when this returns. */
	static async build() {
		const home = new Home();
		await home.#answer();
		return home;
	}

	constructor() {
		this.#process = spawn("/usr/bin/python3", [PROGRAM], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		this.#lines = createInterface({ input: this.#process.stdout })[
			Symbol.asyncIterator
		]();
	}

	/** One command at a time; its answer, or its failure as an error. */
	async call(name, options = {}) {
		this.#process.stdin.write(`${JSON.stringify({ do: name, ...options })}\n`);
		return this.#answer();
	}

	async #answer() {
		const { value, done } = await this.#lines.next();

		if (done) throw new Error("the home has gone");
		const answer = JSON.parse(value);
		if (answer.error) throw new Error(answer.error);
		return answer.ok;
	}

	/** Takes the home down. */
	async close() {
		const ended = new Promise((resolve) => this.#process.on("close", resolve));

		this.#process.stdin.end();
		await ended;
	}
}
