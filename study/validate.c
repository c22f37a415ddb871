// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/validate.h"

#include "study/sheet.h"

int validate_fleet(struct fleet *f, const char *standard)
{
	int err = fleet_runf(f, "SET VARIABLE standard = '%s'", standard);

	if (!err)
		err = fleet_run(f, "BEGIN");
	if (err)
		return err;
	err = fleet_run(f, sheet_words_sql);
	if (!err)
		err = fleet_run(f, sheet_validate_sql);
	return fleet_end(f, err);
}
