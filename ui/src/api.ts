// SPDX-License-Identifier: GPL-3.0-or-later
// The inspector's interface as api/agent.yaml describes it. Times are ms since
// the epoch. Texts may come from the network: they are shown as text only.

export type Phase =
	| "off"
	| "waiting"
	| "checking"
	| "active"
	| "released"
	| "peer"
	| "paused";

export interface Watch {
	wanted: boolean;
	phase: Phase;
	since: number | null;
	reason: string | null;
	coverage: number | null;
}

export type ClueKind =
	| "dhcp_hostname"
	| "dhcp_vendor_class"
	| "dhcp_parameters"
	| "dhcp_fqdn"
	| "mdns_host"
	| "mdns_service"
	| "mdns_instance"
	| "mdns_txt"
	| "ssdp_server"
	| "ssdp_usn"
	| "ssdp_type"
	| "ssdp_location"
	| "user_agent";

export interface ListedDevice {
	id: string;
	excluded: false;
	address: string | null;
	lock: Lock & { state: "identifying" | "open" };
	addresses: string[];
	oui: string | null;
	private_mac: boolean;
	vendor: string | null;
	name: string | null;
	names: { kind: ClueKind; text: string }[];
	gateway: boolean;
	present: boolean;
	first_seen: number;
	last_seen: number;
	watch: Watch;
	in_bytes: number;
	out_bytes: number;
}

/** Excluded, or else locked: nothing else is told of it. */
export interface ClosedDevice {
	id: string;
	excluded: boolean;
	address: string | null;
	lock: Lock & { state: "excluded" | "locked" };
}

export type Device = ListedDevice | ClosedDevice;

export interface Lock {
	state: "excluded" | "locked" | "identifying" | "open";
	since: number | null;
	by: "owner" | "evidence" | "possession" | "name" | null;
	/** Sentences, the first for the state as a whole. */
	reasons: string[];
	/** Windows held in memory until it is known what it is. */
	withheld: number;
}

export function isListed(device: Device): device is ListedDevice {
	return device.lock.state === "identifying" || device.lock.state === "open";
}

export interface Interface {
	name: string;
	address: string | null;
	gateway: string | null;
	usable: boolean;
	note: string | null;
}

export interface InterfaceChoice {
	chosen: string | null;
	reason: string | null;
	candidates: Interface[];
}

export interface Fault {
	at: number;
	device: string | null;
	text: string;
	fix: string | null;
}

export interface Status {
	version: string;
	time: number;
	mode: "session" | "service";
	state:
		| "waiting_consent"
		| "choosing"
		| "scanning"
		| "running"
		| "paused"
		| "stopping";
	consent: {
		text_version: number;
		given_version: number | null;
		given_at: number | null;
	};
	interface: InterfaceChoice;
	processes: {
		name: "keeper" | "guard" | "engine" | "hub";
		pid: number | null;
		since: number | null;
		restarts: number;
	}[];
	network: {
		interface: string | null;
		address: string | null;
		subnet: string | null;
		gateway: string | null;
		intercepted: { device: string; since: number }[];
		drops: number;
		windows_lost: number;
		coverage: number | null;
	};
	faults: Fault[];
	counters: Record<"engine" | "store" | "hub" | "guard", Record<string, number>>;
	limits: { max_devices: number; watched: number; hidden: number };
}

export interface Devices {
	devices: Device[];
	hidden: number;
}

export interface Endpoint {
	endpoint: string;
	name_source: "dns" | "sni" | "http_host" | null;
	resolvers: string[];
	registered_domain: string | null;
	local: boolean;
	addresses: string[];
	ports: string[];
	in_bytes: number;
	out_bytes: number;
	in_packets: number;
	out_packets: number;
	first_seen: number;
	last_seen: number;
}

export interface Endpoints {
	endpoints: Endpoint[];
	more: number;
}

export interface Traffic {
	from: number;
	to: number;
	step: number;
	times: number[];
	series: { endpoint: string | null; in_bytes: number[]; out_bytes: number[] }[];
}

export interface Clue {
	kind: ClueKind;
	text: string;
	first_seen: number;
	last_seen: number;
}

/** What one watched device did in 5 s. */
export interface Window {
	device: string;
	start: number;
	endpoints: { endpoint: string | null; in_bytes: number; out_bytes: number }[];
}

export interface Events {
	status: Status;
	devices: Devices;
	window: Window;
	heartbeat: { time: number };
}

/** The inspector refused, and says why in a sentence. */
export class Refusal extends Error {
	constructor(
		readonly code: string,
		text: string,
	) {
		super(text);
	}
}

async function answer<T>(request: Promise<Response>): Promise<T> {
	const response = await request;
	const body = await response.json().catch(() => null);

	if (response.ok) return body as T;
	throw new Refusal(
		body?.error?.code ?? String(response.status),
		body?.error?.text ?? `The inspector answered ${response.status}.`,
	);
}

function get<T>(path: string): Promise<T> {
	return answer(fetch(`/api${path}`, { cache: "no-store" }));
}

function post<T>(path: string, body: object = {}): Promise<T> {
	return answer(
		fetch(`/api${path}`, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify(body),
		}),
	);
}

export const api = {
	status: () => get<Status>("/status"),
	consent: (version: number, exclude: string[]) =>
		post<Status>("/consent", { version, exclude }),
	withdraw: () => post<Status>("/consent/withdraw"),
	deleteAll: () => post<{ rows: number }>("/delete"),
	interfaces: () => get<InterfaceChoice>("/interfaces"),
	chooseInterface: (name: string) => post<Status>("/interface", { name }),
	scan: () => post<Status>("/scan"),
	pause: () => post<Status>("/pause"),
	resume: () => post<Status>("/resume"),
	restore: () => post<Status>("/restore"),
	stop: () => post<Status>("/stop"),
	watch: (id: string, watch: boolean) =>
		post<Device>(`/devices/${id}/watch`, { watch }),
	exclude: (id: string, exclude: boolean) =>
		post<Device>(`/devices/${id}/exclude`, { exclude }),
	open: (id: string) => post<Device>(`/devices/${id}/open`),
	lock: (id: string) => post<Device>(`/devices/${id}/lock`),
	deleteDevice: (id: string) => post<{ rows: number }>(`/devices/${id}/delete`),
	endpoints: (id: string, from: number, to: number) =>
		get<Endpoints>(`/devices/${id}/endpoints?from=${from}&to=${to}`),
	traffic: (id: string, from: number, to: number, step: number) =>
		get<Traffic>(
			`/devices/${id}/traffic?from=${from}&to=${to}&step=${step}&top=${TOP_ENDPOINTS}`,
		),
	clues: (id: string) => get<{ clues: Clue[] }>(`/devices/${id}/clues`),
	events: () => new EventSource("/api/events"),
};

/** As many endpoints get a colour of their own as can be told apart. */
export const TOP_ENDPOINTS = 7;
