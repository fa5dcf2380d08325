/* The tables that a data set fills: one row a table, X(name in C, database, table, columns). */
#ifndef WALKIE_IMPORT_TABLES_H
#define WALKIE_IMPORT_TABLES_H

#define EDC_TABLES(X)                                                                              \
    X(STUDY, "study", "study_id,oid,protocol_no,title,phase,mdv_oid")                              \
    X(SITE, "site", "site_id,study_id,site_no,name,country")                                       \
    X(APP_USER, "app_user", "user_id,login,full_name,role")                                        \
    X(SUBJECT, "subject",                                                                          \
        "subject_id,site_id,subject_no,status,sex,birth_year,screened_on,consent_on,"              \
        "consent_version,enrolled_on,rand_no,arm,first_dose_on,last_dose_on,discont_on,"           \
        "discont_reason,treatment_status,treatment_reason,last_seen_on")                           \
    X(CONSENT, "consent", "consent_id,subject_id,version,signed_on")                               \
    X(ELIGIBILITY, "eligibility", "eligibility_id,subject_id,kind,code,is_met,protocol_version")   \
    X(EVENT_DEF, "event_def",                                                                      \
        "event_def_id,study_id,oid,name,ordinal,target_day,win_before,win_after,repeating")        \
    X(FORM_DEF, "form_def", "form_def_id,study_id,oid,name,version,critical")                      \
    X(ITEM_DEF, "item_def",                                                                        \
        "item_def_id,form_def_id,oid,label,data_type,unit,required,lo,hi,codelist")                \
    X(SUBJECT_EVENT, "subject_event",                                                              \
        "event_id,subject_id,event_def_id,repeat_no,visit_on,status")                              \
    X(FORM, "form",                                                                                \
        "form_id,event_id,form_def_id,repeat_no,status,first_entry_at,last_change_at,sdv_status,"  \
        "sdv_at,sdv_by,pi_signed_at,locked_at")                                                    \
    X(ITEM_DATA, "item_data", "item_id,form_id,item_def_id,repeat_no,value,n_changes")             \
    X(AUDIT_TRAIL, "audit_trail",                                                                  \
        "audit_id,at,user_id,action,form_id,item_id,old_value,new_value,reason,prev_hash,hash")    \
    X(EDIT_CHECK, "edit_check", "check_id,study_id,code,form_def_id,expr,message,severity,active") \
    X(QUERY, "query",                                                                              \
        "query_id,form_id,item_id,check_id,origin,status,opened_at,answered_at,closed_at,text")    \
    X(ADVERSE_EVENT, "adverse_event",                                                              \
        "ae_id,subject_id,seq,term,pt,soc,severity,grade,serious,related,outcome,start_on,end_on," \
        "aware_at,entered_at")                                                                     \
    X(LAB_RESULT, "lab_result",                                                                    \
        "lab_id,subject_id,event_id,test,on_date,value,unit,lo,hi,flag,tox_grade")                 \
    X(EPRO_RESPONSE, "epro_response",                                                              \
        "resp_id,subject_id,instrument,event_def_id,due_on,submitted_at,device,score,status,"      \
        "external_id,content_hash,severity,profile,n_missing,processed_at")                        \
    X(EPRO_ANSWER, "epro_answer", "resp_id,link_id,value")                                         \
    X(EPRO_ALERT, "epro_alert",                                                                    \
        "alert_id,resp_id,kind,link_id,value,raised_at,closed_at,closed_reason")                   \
    X(IMAGE_SERIES, "image_series",                                                                \
        "series_id,subject_id,series_uid,modality,n_slices,on_date,path,qc_status")

#define CTMS_TABLES(X)                                                                             \
    X(CTMS_STUDY, "study",                                                                         \
        "study_id,protocol_no,title,phase,sponsor,status,plan_sites,plan_subjects,fpfv,lplv")      \
    X(CTMS_SITE, "site",                                                                           \
        "site_id,study_id,site_no,institution,pi_name,city,country,status,selected_on,"            \
        "initiated_on,activated_on,closed_on,plan_subjects,time_zone")                             \
    X(SITE_STAFF, "site_staff",                                                                    \
        "staff_id,site_id,name,role,cv_on,gcp_cert_on,gcp_expires_on,licence_expires_on")          \
    X(DELEGATION, "delegation", "delegation_id,staff_id,task,from_on,to_on,pi_signed_on")          \
    X(TRAINING, "training", "training_id,staff_id,topic,version,done_on")                          \
    X(MILESTONE, "milestone", "milestone_id,site_id,kind,planned_on,actual_on")                    \
    X(ETHICS, "ethics", "ethics_id,site_id,kind,doc_version,submitted_on,approved_on,expires_on")  \
    X(VISIT, "visit",                                                                              \
        "visit_id,site_id,kind,planned_on,start_on,end_on,monitor,report_due_on,report_done_on,"   \
        "report_approved_on,letter_sent_on")                                                       \
    X(ACTION_ITEM, "action_item",                                                                  \
        "action_id,site_id,visit_id,category,severity,text,owner,opened_on,due_on,closed_on")      \
    X(DEVIATION, "deviation",                                                                      \
        "deviation_id,site_id,subject_no,category,important,occurred_on,found_on,reported_ec_on,"  \
        "description,capa,status")                                                                 \
    X(SAE_REPORT, "sae_report",                                                                    \
        "sae_id,site_id,subject_no,edc_ae_seq,aware_at,reported_sponsor_at,reported_ec_at,"        \
        "reported_ra_at,susar")                                                                    \
    X(ESSENTIAL_DOC, "essential_doc",                                                              \
        "doc_id,site_id,tmf_ref,title,required,version,received_on,expires_on,location,status")    \
    X(IP_TXN, "ip_txn",                                                                            \
        "txn_id,site_id,kit_no,lot,expires_on,kind,subject_no,on_date,qty,temp_min,temp_max")      \
    X(SAMPLE, "sample",                                                                            \
        "sample_id,site_id,subject_no,barcode,kind,collected_at,processed_at,shipped_on,"          \
        "received_on")                                                                             \
    X(AUDIT, "audit", "audit_no,site_id,kind,start_on,end_on,lead_auditor")                        \
    X(FINDING, "finding",                                                                          \
        "finding_id,site_id,audit_no,rule_code,grade,area,statement,evidence_ref,reference,"       \
        "response,capa_due_on,closed_on")                                                          \
    X(REGRADE, "finding_regrade",                                                                  \
        "regrade_id,site_id,finding_key,old_grade,new_grade,regraded_by,regraded_at,reason")

enum table {
#define TABLE_ENUM(name, table, columns) TABLE_##name,
    EDC_TABLES(TABLE_ENUM) CTMS_TABLES(TABLE_ENUM)
#undef TABLE_ENUM
        TABLE_COUNT,
    TABLE_EDC_COUNT = TABLE_CTMS_STUDY,
};

#endif
