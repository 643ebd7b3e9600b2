// The tables of a run, for who copies a run as a whole.
#pragma once

#include <array>

namespace lowtide::record {

struct RunTable {
  const char* name;
  const char* columns;  // all but `run`
  const char* order;
};

// All that hangs on a run but `keeper`: where a run is written, there it is kept.
inline constexpr std::array<RunTable, 8> kRunTables{{
    {"channel", "channel,id,kind,name,uuid,source,in_total,idle_w,errors,note,limit_w", "channel"},
    {"sample", "channel,begin_ns,end_ns,energy_j,min_w,max_w,quality", "begin_ns,channel"},
    {"slot",
     "begin_ns,channel,end_ns,state,device_j,covered_ns,lowest_w,quality,device_use,second_path",
     "begin_ns,channel"},
    {"use", "begin_ns,end_ns,state,job_cpu_ns,machine_cpu_ns", "begin_ns"},
    {"intensity", "series,zone,signal,source,sha256,about", "series"},
    {"intensity_piece", "series,begin_ns,end_ns,g_per_kwh,quality,origin", "series,begin_ns"},
    {"intensity_past", "replaced_ns,series,zone,signal,source,sha256,about,pieces",
     "replaced_ns,series"},
    {"event", "time_ns,kind,detail", "time_ns"},
}};
// Of a run that a plan moves (record/acts.h): written where its record is, which need not be where
// a life of it is.
inline constexpr std::array<RunTable, 4> kActTables{{
    {"act", "host,standing,state,about,changed_ns", "host"},
    {"act_transition", "number,time_ns,changes,phase,detail", "number"},
    {"act_plan", "number,made_ns,why,saving,runs,basis,forecast,cost_g,cost_now_g", "number"},
    {"act_learnt",
     "number,name,manner,time_ns,save_takes_s,resume_takes_s,redone_s,resume_energy_j", "number"},
}};
inline constexpr const char* kRunColumns =
    "id,name,project,parent,command,host,state,exit_status,exit_note,submitted_ns,begin_ns,end_ns,"
    "lives,lowtide_version,tags,counts,machine,options,life_of";

}  // namespace lowtide::record
