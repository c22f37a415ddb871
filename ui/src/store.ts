// SPDX-License-Identifier: GPL-3.0-or-later
// What the page knows, kept true by the live stream.

import { computed, signal } from "@preact/signals";
import { api, isListed, Refusal } from "./api";
import type { Device, Events, FindingCount, Status, Window } from "./api";

/**
 * connecting: no answer yet. lost: it answered before. ended: the inspector
 * stopped as it was told to. signed_out: the session is unknown to it.
 */
export type Connection = "connecting" | "live" | "lost" | "ended" | "signed_out";

export const connection = signal<Connection>("connecting");
export const status = signal<Status | null>(null);
/** What the inspector has no lists of. */
export const notKnown = computed(() => status.value?.not_known ?? []);
export const devices = signal<Device[] | null>(null);
export const hiddenDevices = signal(0);
/** The latest window of each watched device. */
export const windows = signal<ReadonlyMap<string, Window>>(new Map());
/** Of the findings that are open. */
export const findingCount = signal<FindingCount>({ alarms: 0, warnings: 0, notes: 0 });
/** Grows whenever findings have to be asked for again. */
export const findingsChanged = signal(0);
/** How often what is shown of findings is renewed, when no new one is told. */
const RENEW_MS = 10_000;
/** The inspector's clock, as of its last word (every 5 s at least). */
export const now = signal(Date.now());
/** Counts up when findings are to be asked for. */
export const findingsTurn = computed(
	() => findingsChanged.value + Math.floor(now.value / RENEW_MS),
);
/** What came of the last action, where that is not seen otherwise. */
export const notice = signal<{ bad: boolean; text: string } | null>(null);

export const deviceById = computed(
	() => new Map(devices.value?.map((device) => [device.id, device])),
);

export const listed = computed(
	() => devices.value?.filter(isListed) ?? [],
);

/** Nothing heard for so long means that the stream is dead. */
const SILENCE_MS = 15_000;
const RETRY_MS = 1_000;

let stream: EventSource | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;

const handlers: { [Name in keyof Events]: (data: Events[Name]) => void } = {
	status: setStatus,
	devices(data) {
		devices.value = data.devices;
		hiddenDevices.value = data.hidden;
	},
	window(data) {
		windows.value = new Map(windows.value).set(data.device, data);
	},
	findings(data) {
		findingCount.value = data;
		findingsChanged.value++;
	},
	heartbeat(data) {
		now.value = data.time;
	},
};

function setStatus(data: Status): void {
	now.value = data.time;
	status.value = data;
	if (data.state === "waiting_consent") {
		devices.value = null;
		windows.value = new Map();
	}
}

/** Opens the live stream, and again whenever it breaks. */
export function connect(): void {
	stream = api.events();
	for (const name of Object.keys(handlers) as (keyof Events)[])
		listen(stream, name);
	stream.onerror = lose;
	listenForSilence();
}

function listen<Name extends keyof Events>(from: EventSource, name: Name): void {
	from.addEventListener(name, (event) => {
		connection.value = "live";
		listenForSilence();
		handlers[name](JSON.parse((event as MessageEvent<string>).data));
	});
}

function listenForSilence(): void {
	clearTimeout(silence);
	silence = setTimeout(lose, SILENCE_MS);
}

function lose(): void {
	clearTimeout(silence);
	stream?.close();
	if (status.value?.state === "stopping") {
		connection.value = "ended";
		return;
	}
	connection.value = status.value === null ? "connecting" : "lost";
	setTimeout(reconnect, RETRY_MS);
}

async function reconnect(): Promise<void> {
	try {
		setStatus(await api.status());
		connect();
	} catch (error) {
		if (error instanceof Refusal && error.code === "no_session")
			connection.value = "signed_out";
		else lose();
	}
}

/** Does what the person asked for; a refusal is told in its own words. */
export function act<T>(request: () => Promise<T>): Promise<T | null> {
	notice.value = null;
	return attempt(request);
}

/** As act(), but what an earlier one came to stays told. */
export async function attempt<T>(request: () => Promise<T>): Promise<T | null> {
	try {
		return await request();
	} catch (error) {
		notice.value = {
			bad: true,
			text:
				error instanceof Refusal ? error.message : "The inspector did not answer.",
		};
		return null;
	}
}

/**
 * As act(), for what the page asks of its own accord: that nobody answers is
 * told by the stream.
 */
export async function load<T>(request: () => Promise<T>): Promise<T | null> {
	try {
		return await request();
	} catch (error) {
		if (error instanceof Refusal) notice.value = { bad: true, text: error.message };
		return null;
	}
}

/** As act(), for what answers with the new state. */
export async function change(request: () => Promise<Status>): Promise<boolean> {
	const answer = await act(request);

	if (answer) setStatus(answer);
	return answer !== null;
}

/** As act(), for what answers with the device as it now is. */
export async function changeDevice(request: () => Promise<Device>): Promise<void> {
	const answer = await act(request);

	if (answer)
		devices.value =
			devices.value?.map((one) => (one.id === answer.id ? answer : one)) ??
			null;
}
