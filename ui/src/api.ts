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
	/** May be direct while IPv4 is not. */
	ipv6: { phase: Phase; reason: string | null };
	coverage: number | null;
}

/** What there are lists of. */
export type Part =
	| "vendors"
	| "companies"
	| "trackers"
	| "malicious"
	| "countries"
	| "networks"
	| "ports"
	| "suites"
	| "domains";

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
	| "user_agent"
	| "dhcp_client_id"
	| "dhcp6_fqdn"
	| "dhcp6_vendor_class"
	| "dhcp6_options"
	| "dhcp6_client_id"
	| "llmnr_name"
	| "netbios_name"
	| "mqtt_client_id"
	| "tuya_product"
	| "upnp_friendly_name"
	| "upnp_manufacturer"
	| "upnp_model"
	| "upnp_model_number"
	| "dhcp_server"
	| "ipv6_resolvers";

/** Who a device is, by all evidence together. */
export interface Identity {
	vendor: string | null;
	category: string | null;
	category_text: string | null;
	model: string | null;
	confidence: number;
	evidence: {
		kind: string;
		text: string;
		says: string;
		weight: number;
		contradicts: boolean;
	}[];
	evidence_left_out: number;
}

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
	/** null while it is not known whether it may be shown */
	identity: Identity | null;
	/** a thing that was here before under another MAC, probably this one */
	maybe_same: {
		id: string;
		confidence: number;
		evidence: { kind: string; text: string; says: string }[];
	} | null;
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
	/** While it is being unlocked on the device itself. */
	unlock: Unlock | null;
}

export interface Unlock {
	url: string | null;
	failed: boolean;
	until: number;
	/** The address of another device that it was opened on. */
	other: string | null;
}

export interface Settings {
	reverse_dns: boolean;
	away: { days: Day[]; from: number; to: number }[];
	/** null: the owner did not say, and 20 is taken */
	upload_mbps: number | null;
}

/** Which watched devices' traffic with each other is read too. */
export interface Between {
	all: boolean;
	/** Ids of devices. */
	pairs: [string, string][];
}

export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

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
	research: { state: ResearchState; paused: boolean; attention: boolean };
	interface: InterfaceChoice;
	processes: {
		name: "keeper" | "guard" | "engine" | "hub" | "discover" | "upload";
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
	counters: Record<"engine" | "store" | "hub" | "guard" | "discover", Record<string, number>>;
	limits: { max_devices: number; watched: number; hidden: number };
	/** What there is no list of, so that nothing can be said of it. */
	not_known: Part[];
}

export interface Devices {
	devices: Device[];
	hidden: number;
}

export interface Endpoint {
	endpoint: string;
	name_source: "dns" | "sni" | "http_host" | "other_device" | "crowd" | "reverse" | null;
	/** Why the name is uncertain. */
	doubt: string | null;
	normal: { homes: number; share: number; vendor: string; category: string } | null;
	/** Whom it is of, e.g. "CN=example.org, O=Example"; only where it came in clear. */
	certificate: string | null;
	resolvers: string[];
	registered_domain: string | null;
	company: {
		name: string | null;
		owner: string | null;
		what: string | null;
		service: string | null;
		reason: string | null;
	} | null;
	purpose: string | null;
	listed: { category: string; list: string | null } | null;
	party: "unknown" | "home" | "first" | "support" | "third";
	platform: string | null;
	country: { code: string; name: string } | null;
	network: { number: number; name: string | null } | null;
	port_meaning: string | null;
	encryption: "encrypted" | "clear" | "unknown";
	public_resolver: string | null;
	/** Follows "The device …", without a stop. */
	sentence: string;
	applications: string[];
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
	series: {
		endpoint: string | null;
		/** Why the name is a guess; null when it is none. */
		doubt: string | null;
		in_bytes: number[];
		out_bytes: number[];
	}[];
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
	endpoints: {
		endpoint: string | null;
		doubt: string | null;
		in_bytes: number;
		out_bytes: number;
	}[];
}

export interface Finding {
	id: string;
	/** null: of the home, and of no known device. */
	device: string | null;
	kind: string;
	class: "alert" | "weakness" | "change";
	severity: "alarm" | "warning" | "note";
	state: "open" | "gone" | "dismissed";
	/** A host, an address, …; null: the device as a whole. */
	subject: string | null;
	since: number;
	last: number;
	hits: number;
	text: string;
	evidence: { at: number; text: string }[];
	advice: "update" | "separate" | "unplug" | "ask_vendor";
	to_do: string;
	endpoint: string | null;
	/** Of the threshold. */
	reason: string;
}

export interface Findings {
	findings: Finding[];
	more: number;
}

export interface FindingCount {
	alarms: number;
	warnings: number;
	notes: number;
}

export interface PostureItem {
	name: string;
	note: string | null;
	first: number;
	last: number;
	count: number;
}

export interface Posture {
	since: number | null;
	/** Before it everything is a first, and nothing a change. */
	learning_until: number | null;
	last: number | null;
	sums: Record<string, number> & {
		internet_bytes: number;
		encrypted_bytes: number;
		http_requests: number;
		credentials_in_clear: number;
		offered: Record<string, number>;
		got: Record<string, number>;
		paper: Record<string, number>;
		current: Record<string, number>;
	};
	trackers: PostureItem[];
	countries: PostureItem[];
	third_parties: PostureItem[];
	resolvers: PostureItem[];
	fingerprints: PostureItem[];
	in_clear: PostureItem[];
	changes: { kind: string; at: number; text: string }[];
	left_out: number;
}

export interface Coverage {
	watched_ms: number;
	intercepted_ms: number;
	time: number | null;
	seen_bytes: number;
	missed_bytes: number;
	content: number | null;
	/** Of UDP: what was missed beside them cannot be measured. */
	unmeasured_bytes: number;
	passed_on: number | null;
	releases: number;
	resisted_by: "router" | "device" | null;
	resisted_at: number | null;
	round: { what: string; text: string }[];
}

export interface Events {
	status: Status;
	devices: Devices;
	window: Window;
	findings: FindingCount;
	heartbeat: { time: number };
}

export type Deleted = {
	rows: number;
	/** Damaged databases that are still kept beside, for all to be deleted. */
	set_aside: number;
};

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

export type ResearchState =
	| "off"
	| "asking"
	| "offered"
	| "joining"
	| "sharing"
	| "changed"
	| "erasing";

export type ShareField =
	| "oui"
	| "protocol"
	| "remote"
	| "device_port"
	| "first_packet"
	| "bytes"
	| "packets"
	| "opener"
	| "questions"
	| "answers"
	| "resolver"
	| "http_host"
	| "user_agent"
	| "client_hello"
	| "server_name"
	| "dhcp"
	| "mdns"
	| "ssdp"
	| "upnp"
	| "tuya"
	| "labels"
	| "interaction"
	| "identifier"
	| "utc_offset"
	| "client";

/** What a collector says that it does; its own words. */
export interface Offer {
	version: number | string | null;
	text: string;
	hash: string;
	approval: number | string | null;
	contact: number | string | null;
	retention_days: number | string | null;
}

export interface PersonalName {
	device: string;
	kind: ClueKind;
	text: string;
	answer: "yes" | "no" | null;
}

export interface Receipt {
	receipt: number | string | null;
	what: number | string | null;
	device: string | null;
	rows: number | string | null;
	at: number | null;
	collector: string | null;
}

/** Sharing with researchers. */
export interface Research {
	state: ResearchState;
	paused: boolean;
	collector: string | null;
	account: string | null;
	agreed: number | null;
	offer: Offer | null;
	fields: Record<ShareField, boolean>;
	unwatched: boolean;
	removed: string[];
	not_shared: string[];
	names: PersonalName[];
	spool: {
		waiting: number;
		waiting_bytes: number;
		oldest: number | null;
		sent: number;
		sent_bytes: number;
		dropped: number;
		refused: number;
		outdated: number;
		limit_bytes: number;
	};
	wishes: { what: string; device: string | null }[];
	receipts: Receipt[];
	last_sent: number | null;
	trouble: string | null;
	next_try: number | null;
	held: { state: "none" | "fetching" | "ready"; bytes: number };
	/** Since the program started. */
	counters: Record<"rows_refused" | "windows_lost" | "letters_failed", number>;
}

export interface NextUpload {
	segments: number;
	bytes: number;
	waiting: boolean;
	text: string;
}

export interface SentQuestion {
	at: number;
	path: string;
	bytes: number;
	text: string;
}

export interface SentUpload {
	at: number;
	bytes: number;
	compressed: number;
	text: string;
}

export interface LabelChoices {
	names: string[];
	categories: string[];
	vendors: string[];
}

export interface LabelTexts {
	name: string;
	category: string;
	vendor: string;
}

export type LabelSource = "typed" | "confirmed" | "rejected";

/** What other homes call devices like it. */
export type CrowdGuess = LabelTexts & { homes: number; share: number };

export interface DeviceLabel {
	label: (LabelTexts & { source: LabelSource; personal: boolean; waiting: boolean }) | null;
	guess: LabelTexts | null;
	crowd: CrowdGuess[];
	share: boolean;
}

export const api = {
	status: () => get<Status>("/status"),
	consent: (version: number, exclude: string[]) =>
		post<Status>("/consent", { version, exclude }),
	withdraw: () => post<Status>("/consent/withdraw"),
	deleteAll: () => post<Deleted>("/delete"),
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
	unlock: (id: string) => post<Device>(`/devices/${id}/unlock`),
	unlockByMac: (id: string, mac: string) =>
		post<Device>(`/devices/${id}/unlock/mac`, { mac }),
	between: () => get<Between>("/between"),
	changeBetween: (between: Between) => post<Between>("/between", between),
	settings: () => get<Settings>("/settings"),
	changeSettings: (settings: Settings) => post<Settings>("/settings", settings),
	merge: (id: string, older: string) =>
		post<Device>(`/devices/${id}/merge`, { with: older }),
	deleteDevice: (id: string) => post<Deleted>(`/devices/${id}/delete`),
	endpoints: (id: string, from: number, to: number) =>
		get<Endpoints>(`/devices/${id}/endpoints?from=${from}&to=${to}`),
	traffic: (id: string, from: number, to: number, step: number) =>
		get<Traffic>(
			`/devices/${id}/traffic?from=${from}&to=${to}&step=${step}&top=${TOP_ENDPOINTS}`,
		),
	findings: () => get<Findings>("/findings"),
	deviceFindings: (id: string) => get<Findings>(`/devices/${id}/findings`),
	recheck: (id: string) =>
		post<{ gone: boolean; wait_s: number | null; finding: Finding }>(
			`/findings/${id}/recheck`,
		),
	dismiss: (id: string) => post<Finding>(`/findings/${id}/dismiss`),
	posture: (id: string) => get<Posture>(`/devices/${id}/posture`),
	coverage: (id: string) => get<Coverage>(`/devices/${id}/coverage`),
	research: () => get<Research>("/research"),
	researchCollector: (url: string, certificate: string) =>
		post<Research>(
			"/research/collector",
			certificate === "" ? { url } : { url, certificate },
		),
	researchConsent: (hash: string) => post<Research>("/research/consent", { hash }),
	researchSettings: (part: {
		fields?: Partial<Record<ShareField, boolean>>;
		unwatched?: boolean;
	}) => post<Research>("/research/settings", part),
	researchRemoved: (names: string[]) => post<Research>("/research/removed", { names }),
	researchName: (name: PersonalName, share: boolean) =>
		post<Research>("/research/names", {
			device: name.device,
			kind: name.kind,
			text: name.text,
			share,
		}),
	researchPause: () => post<Research>("/research/pause"),
	researchResume: () => post<Research>("/research/resume"),
	researchNext: () => get<NextUpload>("/research/next"),
	researchSent: () => get<{ uploads: SentUpload[]; questions: SentQuestion[] }>("/research/sent"),
	researchLabels: () => get<LabelChoices>("/research/labels"),
	researchWithdraw: (erase: boolean) => post<Research>("/research/withdraw", { erase }),
	researchDelete: (what: "device" | "names", device?: string) =>
		post<Research>("/research/delete", device === undefined ? { what } : { what, device }),
	researchFetchHeld: () => post<Research>("/research/held"),
	researchView: (view: string, seconds: number) =>
		post<object>("/research/view", { view, seconds }),
	label: (id: string) => get<DeviceLabel>(`/devices/${id}/label`),
	changeLabel: (id: string, label: LabelTexts & { source: LabelSource }) =>
		post<DeviceLabel>(`/devices/${id}/label`, label),
	share: (id: string, share: boolean) =>
		post<DeviceLabel>(`/devices/${id}/share`, { share }),
	clues: (id: string) => get<{ clues: Clue[] }>(`/devices/${id}/clues`),
	events: () => new EventSource("/api/events"),
};

/** As many endpoints get a colour of their own as can be told apart. */
export const TOP_ENDPOINTS = 7;
