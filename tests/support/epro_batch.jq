# A batch of PHQ-9 responses of $patient with every fault there is, one a response, and some that
# are as they should be. Ids say what is expected: jq -n --arg patient 101-001 -f epro_batch.jq
#
# The plan: due 2024-03-20 (3 days), 2024-05-15 (5 days), 2024-08-07 (7 days); nothing of it is there.

def items($values): [$values | to_entries[] | select(.value != null)
    | {linkId: "q\(.key + 1)", answer: [{valueInteger: .value}]}];

def response($id; $authored; $values; more):
    {resourceType: "QuestionnaireResponse", id: $id, status: "completed",
     questionnaire: "http://example.org/phq-9", authored: $authored, item: items($values)} | more;

[0, 1, 0, 1, 0, 0, 1, 0, 0] as $mild
| "2024-03-20" as $week_4
| {valueCoding: {code: "LA6568-5", display: "Nearly every day"}} as $says_two_things
| [
    response("good"; $week_4; [2, 2, 2, 2, 2, 2, 3, 3, 2]; .),
    response("malformed"; $week_4; $mild; del(.status)),
    response("unknown_instrument"; $week_4; $mild; .questionnaire = "http://example.org/sleep-diary"),
    response("wrong_patient"; $week_4; $mild; .subject = {reference: "Patient/999-999"}),
    response("unfinished"; $week_4; $mild; .status = "in-progress"),
    response("entered_in_error"; $week_4; $mild; .status = "entered-in-error"),
    response("bad_date"; "2024-13-01"; $mild; .),
    response("future"; "2199-01-01"; $mild; .),
    response("duplicate_response"; $week_4; $mild; .),
    response("duplicate_item"; $week_4; $mild; .item += [.item[0]]),
    response("out_of_range"; $week_4; [7, 0, 0, 0, 0, 0, 0, 0, 0]; .),
    response("wrong_kind"; $week_4; $mild; .item[0].answer = [{valueBoolean: true}]),
    response("contradictory_answer"; $week_4; $mild; .item[0].answer = [$says_two_things]),
    response("early"; "2024-05-08"; $mild; .item += [{linkId: "mood", answer: [{valueInteger: 1}]}]),
    response("late"; "2024-08-20"; [1, 1, 1, 1, 1, 1, 1, null, null];
        .item += [{linkId: "total", answer: [{valueInteger: 20}]}]),
    response("unscheduled"; "2025-01-15"; [1, 1, null, null, null, 1, 1, 1, 0]; .),
    response("undated"; null; $mild; del(.authored))
]
