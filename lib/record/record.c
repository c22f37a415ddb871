// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/record.h"

#include "record/record_fields.h"

const char *const record_clue_names[RECORD_CLUE_KINDS] = {
	[RECORD_CLUE_DHCP_HOSTNAME] = "dhcp_hostname",
	[RECORD_CLUE_DHCP_VENDOR_CLASS] = "dhcp_vendor_class",
	[RECORD_CLUE_DHCP_PARAMETERS] = "dhcp_parameters",
	[RECORD_CLUE_DHCP_FQDN] = "dhcp_fqdn",
	[RECORD_CLUE_MDNS_HOST] = "mdns_host",
	[RECORD_CLUE_MDNS_SERVICE] = "mdns_service",
	[RECORD_CLUE_MDNS_INSTANCE] = "mdns_instance",
	[RECORD_CLUE_MDNS_TXT] = "mdns_txt",
	[RECORD_CLUE_SSDP_SERVER] = "ssdp_server",
	[RECORD_CLUE_SSDP_USN] = "ssdp_usn",
	[RECORD_CLUE_SSDP_TYPE] = "ssdp_type",
	[RECORD_CLUE_SSDP_LOCATION] = "ssdp_location",
	[RECORD_CLUE_USER_AGENT] = "user_agent",
};

const char *record_clue_name(enum record_clue_kind kind)
{
	return record_clue_names[kind];
}

#define FIELD(name)                                           \
	{                                                     \
#name, offsetof(struct record_counters, name) \
	}

const struct record_counter_field record_counter_fields[] = {
	FIELD(frames),
	FIELD(bytes),
	FIELD(truncated),
	FIELD(malformed),
	FIELD(unsupported),
	FIELD(fragments),
	FIELD(second_copies),
	FIELD(other_traffic),
	FIELD(devices_refused),
	FIELD(flows_refused),
	FIELD(names_refused),
	FIELD(clues_refused),
	FIELD(hellos_refused),
	FIELD(http_refused),
	FIELD(streams_refused),
	FIELD(streams_abandoned),
	FIELD(stream_bytes_refused),
	FIELD(initials_refused),
	FIELD(late_frames),
	FIELD(windows_lost),
	FIELD(ring_dropped),
};

const size_t record_counter_field_count =
	sizeof(record_counter_fields) / sizeof(*record_counter_fields);

_Static_assert(sizeof(record_counter_fields) / sizeof(*record_counter_fields) ==
		       sizeof(struct record_counters) / sizeof(uint64_t),
	       "every counter has a name");
