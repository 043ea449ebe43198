# vacation-*@ answers by itself: a real automatic mail, which must never be obeyed nor answered.
require ["envelope", "vacation"];
if envelope :localpart :matches "to" "vacation-*" {
  vacation :days 0 :subject "Out of office" "I am away until Monday. unsubscribe me not. subscribe";
}
