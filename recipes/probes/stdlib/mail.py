"""email and mailbox: build a message and keep it"""
import email.message
import mailbox

message = email.message.EmailMessage()
message["Subject"] = "Grüße"
message.set_content("word\n")
box = mailbox.mbox("box")
box.lock()
box.add(message)
box.flush()
box.unlock()
box.close()
(kept,) = mailbox.mbox("box")
print(kept.as_string())
print("yes" if kept.get_payload() == "word\n" else "no: the message has another text")
